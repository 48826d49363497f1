"""One delivery, in a process of its own: run by path with `python -I`, importing nothing of this package.

One line of JSON comes in, one goes out; the input then stays open, and its end means that the parent is
gone. A plugin of Apprise may hang, sleep for as long as a server says, or leave threads and processes behind:
this process is killed at its deadline with its whole group, and ends itself in the same way.
"""

from __future__ import annotations

import json
import logging
import os
import runpy
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

# What every receiver takes in one piece, whatever its plugin says.
MOST_CHARACTERS = 3000
MARGIN = 20
TEXT_SHOWN = 200


def main() -> None:
    """Read one task, do it, write one report, leave."""
    # Plugins may print; what we say goes out on a descriptor that only we know.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    task = json.loads(sys.stdin.buffer.readline())
    if "check" not in task:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        report = checked(task["check"]) if "check" in task else deliver(task)
    except Exception as error:  # noqa: BLE001 whatever a plugin raises is a refusal with a sentence
        report = {"lines": [f"{type(error).__name__}: {error}"[:TEXT_SHOWN]]}
    out.write(json.dumps(report).encode() + b"\n")
    out.flush()
    _services.clear()
    leave()


def _leave_with_parent() -> None:
    while os.read(0, 4096):  # its end means that the parent is gone, killed perhaps
        pass
    leave()


def leave() -> NoReturn:
    """End this process without waiting for threads, and with it what a plugin has started."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


# What has logged in logs out when it is dropped (Matrix); that must not delay the report.
_services: list[Any] = []


# --- delivering ----------------------------------------------------------------------------------


def deliver(task: dict[str, Any]) -> dict[str, Any]:
    """Send one message and return the report that `outcome.Report` describes."""
    conversation = beside("conversation.py")
    watched = conversation["watch"](task["title"])
    beside("plugins.py")["load_only"](task["url"])
    service, problem = build(task["url"])
    if service is None:
        return {"problems": [problem]}
    _services.append(service)
    delivered, lines = send(service, task)
    noted = conversation["noted"](watched, delivered=delivered)
    return {"delivered": delivered, "lines": lines, **noted}


def beside(name: str) -> dict[str, Any]:
    """Return what a file of this folder has; to import it would import the package above it."""
    return runpy.run_path(str(Path(__file__).with_name(name)))


def build(url: str) -> tuple[Any, str]:
    """Return the one service of this URL, or None and the sentence that says why there is none."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.INFO)
    asset = apprise.AppriseAsset(
        app_id="tagdrift",
        app_desc="tagdrift",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        interpret_emojis=False,
        interpret_escapes=False,
        pgp_autogen=False,
        pem_autogen=False,
        http_redirects=False,  # a followed POST becomes a GET: the sign-in page's 200 would pass for success
        service_timeout=0,  # the parent's deadline is the only one, and it kills
    )
    service: Any = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return None, "not an address Apprise understands"
    # A second message at once is not what an outbox wants.
    service.retry = 0
    service.overflow_mode = apprise.OverflowMode.TRUNCATE
    if is_matrix(service):
        # Keys made anew for every message are trusted by nobody; and the newer rooms' ids name no server.
        service.e2ee = service.autoverify = service.hsreq = False
        # A message takes four requests, between which it would sleep; a server with limits says so.
        service.request_rate_per_sec = 0
    elif is_mail(service):
        service.headers.setdefault("Auto-Submitted", "auto-generated")
    return service, ""


def is_matrix(service: Any) -> bool:
    """Return whether it speaks to a homeserver."""
    return bool(service.secure_protocol == "matrixs")


def is_mail(service: Any) -> bool:
    """Return whether it sends mail."""
    return hasattr(service, "smtp_host") and isinstance(getattr(service, "cc", None), set)


def send(service: Any, task: dict[str, Any]) -> tuple[bool, list[str]]:
    """Send as plain text; return whether all of it was accepted, and what was logged from WARNING up."""
    import apprise

    box = apprise.Apprise(asset=service.asset)
    box.add(service)
    title, body = fitted(service, task["title"], task["body"])
    if is_matrix(service):
        title, body = "", f"{title}\n{body}"  # it would put a "# " before the title
    result = box.notify(
        title=title, body=body, body_format=apprise.NotifyFormat.TEXT, notify_type=task.get("tone", "info")
    )
    success = apprise.AppriseResultStatus.SUCCESS
    attempts = [attempt for entry in result for attempt in entry.attempts]
    # Attempts are counted, not the result: `optional=yes` makes a success of one that failed.
    delivered = bool(attempts) and all(attempt.status == success for attempt in attempts)
    loud = [line for one in result for line in one.logs() if line.level in {"WARNING", "ERROR", "CRITICAL"}]
    return delivered, [line.message[:TEXT_SHOWN] for line in loud[-5:]]


def fitted(service: Any, title: str, body: str) -> tuple[str, str]:
    """Return title and body cut so that no receiver gets them in two parts: the second part can be lost."""
    room = service.body_maxlen
    if service.title_maxlen:
        title = cut(title, min(service.title_maxlen, MOST_CHARACTERS))
    else:
        title = cut(title, max(room // 2, 1))
        room -= len(title)
    return title, cut(body, max(min(room - MARGIN, MOST_CHARACTERS), 1))


def cut(text: str, room: int) -> str:
    """Return the text in at most this many characters, with an ellipsis where something was cut."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


# --- checking ------------------------------------------------------------------------------------


def checked(urls: dict[str, str]) -> dict[str, Any]:
    """Return for each name what is wrong with its URL, or None."""
    return {name: problems(url) for name, url in urls.items()}


def problems(url: str) -> str | None:
    """Return why this URL should not be a receiver's, in a sentence without it; None where all is well."""
    service, problem = build(url)
    if service is None:
        return problem
    _services.append(service)
    if not is_mail(service):
        return None
    mails = len(service.targets) + len(service.cc) + len(service.bcc)
    return f"it names {mails} mail recipients; give each its own receiver" if mails > 1 else None


if __name__ == "__main__":
    main()

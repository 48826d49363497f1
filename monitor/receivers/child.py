"""One delivery, in a process of its own: run by path with `python -I`, importing nothing of this package.

One line of JSON comes in, one goes out; the input then stays open, and its end means that the parent is
gone. A plugin of Apprise may hang, sleep for as long as a server says, or leave threads behind: this process
is killed at its deadline, and leaves by `os._exit`, which waits for nobody.

The conversation is watched where it passes, without a change to any plugin: an HTTP adapter of requests is
subclassed and the replies of smtplib are wrapped, in this process only, because Apprise's own result says
less than an operator needs (no Retry-After, no text of the refusal).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

# What every receiver takes in one piece, however generous its plugin says it is.
MOST_CHARACTERS = 3000
MARGIN = 20
TEXT_SHOWN = 200


class Watched:
    """What was seen of the conversation, oldest first."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        self.responses: list[Any] = []
        self.reply: tuple[int, str] | None = None
        self.problems: list[str] = []


def main() -> None:
    """Read one task, do it, write one report, leave."""
    # Plugins may print; what we say goes out on a descriptor that only we know.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    task = json.loads(sys.stdin.buffer.readline())
    if "check" not in task:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        if "check" in task:
            report: dict[str, Any] = {name: problems(url) for name, url in task["check"].items()}
        else:
            report = deliver(task)
    except Exception as error:  # noqa: BLE001 whatever a plugin raises is a refusal with a sentence
        report = {"lines": [f"{type(error).__name__}: {error}"[:TEXT_SHOWN]]}
    out.write(json.dumps(report).encode() + b"\n")
    out.flush()
    forget_logins()
    os._exit(0)


def _leave_with_parent() -> None:
    while os.read(0, 4096):
        pass
    # The parent is gone, killed perhaps: nothing goes on without it, nor what a plugin has started.
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


# What has logged in logs out when it is dropped (Matrix); that must neither delay nor lose the report.
_services: list[Any] = []


def forget_logins() -> None:
    """Drop the plugins, so that those with a login end it."""
    with contextlib.suppress(Exception):
        _services.clear()


# --- delivering ----------------------------------------------------------------------------------


def deliver(task: dict[str, Any]) -> dict[str, Any]:
    """Send one message and return the report that `outcome.Report` describes."""
    watched = Watched()
    watch_http(watched)
    watch_mail(watched)
    service, problem = build(task["url"])
    if service is None:
        return {"problems": [problem]}
    _services.append(service)
    delivered, lines = send(service, task)
    return {
        "delivered": delivered,
        "problems": watched.problems,
        "answers": [] if delivered else [*described(watched)],
        "reply": watched.reply and {"code": watched.reply[0], "text": watched.reply[1]},
        "lines": lines,
    }


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
        service_timeout=0,  # the parent's deadline is the only one, and it kills
    )
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return None, "not an address Apprise understands"
    # Failure as success (`optional`) and a second message at once (`retry`) are not what an outbox wants.
    service.optional = False
    service.retry = 0
    service.overflow_mode = apprise.OverflowMode.TRUNCATE
    return service, ""


def send(service: Any, task: dict[str, Any]) -> tuple[bool, list[str]]:
    """Send as plain text; return whether all of it was accepted, and what was logged from WARNING up."""
    import apprise

    box = apprise.Apprise(asset=service.asset)
    box.add(service)
    title, body = fitted(service, task["title"], task["body"])
    result = box.notify(
        title=title, body=body, body_format=apprise.NotifyFormat.TEXT, notify_type=task.get("tone", "info")
    )
    success = apprise.AppriseResultStatus.SUCCESS
    attempts = [attempt for entry in result for attempt in entry.attempts]
    # Attempts are counted, not the result: a tag that matches nothing has none, and is an error.
    delivered = bool(attempts) and all(attempt.status == success for attempt in attempts)
    entries = [entry for one in result for entry in one.logs()]
    loud = [entry.message for entry in entries if entry.level in {"WARNING", "ERROR", "CRITICAL"}]
    return delivered, [line[:TEXT_SHOWN] for line in loud[-5:]]


def fitted(service: Any, title: str, body: str) -> tuple[str, str]:
    """Return title and body cut so that no receiver gets them in two parts: the second part can be lost."""
    if service.title_maxlen:
        title = cut(title, min(service.title_maxlen, MOST_CHARACTERS))
        room = service.body_maxlen
    else:
        title = cut(title, max(service.body_maxlen // 2, 1))
        room = service.body_maxlen - len(title)
    return title, cut(body, max(min(room - MARGIN, MOST_CHARACTERS), 1))


def cut(text: str, room: int) -> str:
    """Return the text in at most this many characters, with an ellipsis where something was cut."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


# --- watching ------------------------------------------------------------------------------------


def watch_http(watched: Watched) -> None:
    """Let every session of requests in this process speak through an adapter that notes what was answered."""
    import requests

    class Limited(requests.RequestException):
        """429: plugins take it for a failed connection and give up, where Matrix's would sleep uncapped."""

    class Refused(requests.RequestException):
        """A request that we do not let out."""

    class Watching(requests.adapters.HTTPAdapter):
        def send(self, request: Any, stream: bool = False, *args: Any, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
            if creates_a_room(request):
                watched.problems.append("the Matrix room alias does not exist, and is not created")
                raise Refused("the room alias does not exist")
            response = super().send(request, stream, *args, **kwargs)
            watched.answers.append(answered(request.url, response))
            watched.responses.append(None if stream else response)
            if response.status_code == 429:
                raise Limited("429")
            return response

    requests.sessions.HTTPAdapter = Watching  # type: ignore[attr-defined]


def creates_a_room(request: Any) -> bool:
    """Return whether this would create a Matrix room for an alias: a mistyped one swallows every message."""
    if not urlsplit(request.url).path.endswith("/createRoom"):
        return False
    try:
        return bool(json.loads(request.body or b"{}").get("room_alias_name"))
    except (ValueError, AttributeError):
        return False


def answered(url: str, response: Any) -> dict[str, Any]:
    """Return what is known once the head of an answer is here."""
    return {
        "host": urlsplit(url).hostname or "the receiver",
        "status": response.status_code,
        "retry_after": asked_to_wait(response),
        "is_html": "html" in response.headers.get("Content-Type", ""),
    }


def asked_to_wait(response: Any) -> float | None:
    """Return the seconds of Retry-After (RFC 9110, 10.2.3) or of Matrix's retry_after_ms, None for neither.

    A date is taken against the answer's own Date, so that a wrong clock of ours does not matter.
    """
    header = response.headers.get("Retry-After")
    if header and header.strip().isdigit():
        return float(header)
    if header:
        with contextlib.suppress(ValueError, TypeError):
            until, at = parsedate_to_datetime(header), parsedate_to_datetime(response.headers.get("Date", ""))
            return max((until - at).total_seconds(), 0.0)
    if response.status_code != 429:
        return None
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        fields = json.loads(response.raw.read(16384, decode_content=True))
        wait = fields.get("retry_after_ms") or (fields.get("error") or {}).get("retry_after_ms")
        return None if wait is None else float(wait) / 1000
    return None


def described(watched: Watched) -> list[dict[str, Any]]:
    """Return the answers, each with the beginning of its text where that is short and plain."""
    for answer, response in zip(watched.answers, watched.responses, strict=True):
        if response is None or answer["is_html"] or answer["status"] == 429:
            continue
        with contextlib.suppress(Exception):
            answer["text"] = " ".join(response.content[:4096].decode(errors="replace").split())[:TEXT_SHOWN]
    return watched.answers[-5:]


def watch_mail(watched: Watched) -> None:
    """Note the last refusal of a mail server; Apprise tells only that there was one."""
    import smtplib

    getreply = smtplib.SMTP.getreply

    def watching(self: smtplib.SMTP) -> tuple[int, bytes]:
        code, text = getreply(self)
        if code >= 400:
            watched.reply = code, " ".join(text.decode(errors="replace").split())[:TEXT_SHOWN]
        return code, text

    smtplib.SMTP.getreply = watching  # type: ignore[method-assign]


# --- checking ------------------------------------------------------------------------------------


def problems(url: str) -> str | None:
    """Return why this URL should not be a receiver's, in a sentence without it; None where all is well."""
    service, problem = build(url)
    if service is None:
        return problem
    _services.append(service)
    mails = recipients(service)
    if mails > 1:
        return f"it names {mails} mail recipients: one refusal would fail all, so give each its own receiver"
    return None


def recipients(service: Any) -> int:
    """Return to how many mail addresses one message goes; 1 for anything but mail."""
    if not isinstance(getattr(service, "cc", None), set) or not hasattr(service, "smtp_host"):
        return 1
    return len(service.targets) + len(service.cc) + len(service.bcc)


if __name__ == "__main__":
    main()

"""One delivery, in a process of its own: run by path with `python -I`, importing nothing of this package.

One line of JSON comes in, one goes out; the input then stays open, and its end means that the parent is
gone. A plugin of Apprise may hang, sleep for as long as a server says, or leave threads and processes behind:
this process is killed at its deadline with its whole group, and ends itself in the same way.

The conversation is watched where it passes, without a change to any plugin: an HTTP adapter of requests is
subclassed and three methods of smtplib are wrapped, in this process only, because Apprise's own result says
less than an operator needs (no Retry-After, no text of the refusal, no reason of a lost connection).
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import runpy
import signal
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

# What every receiver takes in one piece, whatever its plugin says.
MOST_CHARACTERS = 3000
MARGIN = 20
TEXT_SHOWN, TEXT_READ = 200, 4096


@dataclass(slots=True)
class Watched:
    """What was seen of the conversation, oldest first; `trouble` is what broke it after that."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    responses: list[Any] = field(default_factory=list)
    reply: dict[str, Any] | None = None
    problems: list[str] = field(default_factory=list)
    trouble: str = ""


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
    watched = Watched()
    watch_http(watched)
    watch_mail(watched)
    runpy.run_path(__file__.replace("child.py", "plugins.py"))["load_only"](task["url"])
    service, problem = build(task["url"])
    if service is None:
        return {"problems": [problem]}
    _services.append(service)
    delivered, lines = send(service, task)
    return {
        "delivered": delivered,
        "problems": watched.problems,
        "answers": [] if delivered else described(watched)[-5:],
        "reply": watched.reply,
        "trouble": watched.trouble,
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
        http_redirects=False,  # a followed POST becomes a GET: the sign-in page's 200 would pass for success
        service_timeout=0,  # the parent's deadline is the only one, and it kills
    )
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return None, "not an address Apprise understands"
    # A second message at once is not what an outbox wants.
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


# --- watching ------------------------------------------------------------------------------------


def watch_http(watched: Watched) -> None:
    """Let every session of requests in this process speak through an adapter that notes what was answered."""
    import requests

    # Raised to end the conversation: plugins take it for a lost connection and give up.
    ended = requests.RequestException

    class Watching(requests.adapters.HTTPAdapter):
        def send(self, request: Any, stream: bool = False, *args: Any, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
            if creates_a_room(request):
                watched.problems.append("the Matrix room alias does not exist, and is not created")
                raise ended("the room alias does not exist")
            response = noting(watched, super().send)(request, stream, *args, **kwargs)
            watched.answers.append(answered(request.url, response))
            watched.responses.append(None if stream else response)
            if response.status_code == 429:
                # Matrix's plugin would sleep for as long as it says.
                watched.answers[-1]["text"] = plain(response.raw.read(TEXT_READ, decode_content=True))
                raise ended("429")
            return response

    requests.sessions.HTTPAdapter = Watching  # type: ignore[attr-defined]


def creates_a_room(request: Any) -> bool:
    """Return whether this would create a Matrix room for an alias: a mistyped one swallows every message."""
    if not urlsplit(request.url).path.endswith("/createRoom"):
        return False
    with contextlib.suppress(ValueError, AttributeError):
        return bool(json.loads(request.body or b"{}").get("room_alias_name"))
    return False


def answered(url: str, response: Any) -> dict[str, Any]:
    """Return what is known once the head of an answer is here."""
    return {
        "host": urlsplit(url).hostname or "the receiver",
        "status": response.status_code,
        "retry_after": response.headers.get("Retry-After", ""),
        "date": response.headers.get("Date", ""),
        "sends_to": urlsplit(response.headers.get("Location", "")).hostname or "",
        "is_html": "html" in response.headers.get("Content-Type", ""),
    }


def described(watched: Watched) -> list[dict[str, Any]]:
    """Return the answers, each with what it said where that is short and plain."""
    for answer, response in zip(watched.answers, watched.responses, strict=True):
        if response is None or answer["is_html"] or answer["status"] == 429:
            continue
        with contextlib.suppress(Exception):
            answer["text"] = said(answer["status"], response.content[:TEXT_READ])
    return watched.answers


def said(status: int, content: bytes) -> str:
    """Return the refusal in the receiver's words: of a success only its error, for a login's has a token."""
    text = plain(content)
    if status < 400 and text.startswith("{"):
        text = str(json.loads(content).get("error", ""))
    return text[:TEXT_SHOWN]


def plain(content: bytes) -> str:
    """Return it as one line."""
    return " ".join(content.decode(errors="replace").split())


def watch_mail(watched: Watched) -> None:
    """Note the last refusal of a mail server; Apprise tells only that there was one."""
    import smtplib

    getreply = noting(watched, smtplib.SMTP.getreply)

    def watching(self: smtplib.SMTP) -> tuple[int, bytes]:
        code, text = getreply(self)
        if code >= 400:
            watched.reply = {"code": code, "text": plain(text)[:TEXT_SHOWN]}
        return code, text

    smtplib.SMTP.getreply = watching  # type: ignore[method-assign]
    smtplib.SMTP.connect = noting(watched, smtplib.SMTP.connect)  # type: ignore[method-assign]
    smtplib.SMTP.starttls = noting(watched, smtplib.SMTP.starttls)  # type: ignore[method-assign]


def noting(watched: Watched, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same call, noting what it raises of the network's."""

    @functools.wraps(call)
    def calling(*args: Any, **kwargs: Any) -> Any:
        watched.trouble = ""
        try:
            return call(*args, **kwargs)
        except OSError as error:
            watched.trouble = cause(error)[:TEXT_SHOWN]
            raise

    return calling


def cause(error: BaseException) -> str:
    """Return the innermost reason: what libraries wrap around it repeats the address, tokens and all."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "time-out" if "imeout" in type(error).__name__ else str(error) or type(error).__name__


def checked(urls: dict[str, str]) -> dict[str, Any]:
    """Return for each name what is wrong with its URL, or None."""
    return {name: problems(url) for name, url in urls.items()}


def problems(url: str) -> str | None:
    """Return why this URL should not be a receiver's, in a sentence without it; None where all is well."""
    service, problem = build(url)
    if service is None:
        return problem
    _services.append(service)
    if not hasattr(service, "smtp_host") or not isinstance(getattr(service, "cc", None), set):
        return None
    mails = len(service.targets) + len(service.cc) + len(service.bcc)
    return f"it names {mails} mail recipients; give each its own receiver" if mails > 1 else None


if __name__ == "__main__":
    main()

"""What plugin and receiver say to each other, watched where it passes; loaded by path in the delivery child.

No plugin is changed: an HTTP adapter of requests is subclassed and three methods of smtplib are wrapped, in
that process only, because Apprise's own result says less than an operator needs (no Retry-After, no text of
the refusal, no reason of a lost connection). And what would lose a message or show it is not let through.
"""

from __future__ import annotations

import contextlib
import functools
import html
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TEXT_SHOWN, TEXT_READ = 200, 4096
SLACK = frozenset({"hooks.slack.com", "slack.com", "hooks.slack-gov.com", "slack-gov.com"})


@dataclass(slots=True)
class Watched:
    """What was seen of the conversation, oldest first; `trouble` is what broke it after that."""

    title: str
    answers: list[dict[str, Any]] = field(default_factory=list)
    responses: list[Any] = field(default_factory=list)
    reply: dict[str, Any] | None = None
    problems: list[str] = field(default_factory=list)
    trouble: str = ""


def watch(title: str) -> Watched:
    """Watch all conversations of this process from now on; they are about one message of this title."""
    watched = Watched(title=title)
    watch_http(watched)
    watch_mail(watched)
    return watched


def noted(watched: Watched, *, delivered: bool) -> dict[str, Any]:
    """Return what `outcome.Report` has of it."""
    return {
        "problems": watched.problems,
        "answers": [] if delivered else described(watched)[-5:],
        "reply": watched.reply,
        "trouble": watched.trouble,
    }


def watch_http(watched: Watched) -> None:
    """Let every session of requests in this process speak through an adapter that notes what was answered."""
    import requests

    # Raised to end the conversation: plugins take it for a lost connection and give up.
    ended = requests.RequestException

    class Watching(requests.adapters.HTTPAdapter):
        def send(self, request: Any, stream: bool = False, *args: Any, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 requests' signature
            add_preview(request, watched.title)
            if why := objection(watched, request, lambda asked: self.send(asked, stream, *args, **kwargs)):
                raise ended(why)
            watched.trouble = ""
            response = noting(watched, super().send)(request, stream, *args, **kwargs)
            watched.answers.append(answered(request.url, response))
            watched.responses.append(None if stream and response.status_code < 400 else response)
            if response.status_code == 429:
                # Matrix's plugin would sleep for as long as it says.
                watched.answers[-1]["text"] = plain(response.raw.read(TEXT_READ, decode_content=True))
                raise ended("429")
            if stream and response.status_code >= 400:
                keep(response)
            return response

    requests.sessions.HTTPAdapter = Watching  # type: ignore[attr-defined] # replaced, in this process only


def add_preview(request: Any, title: str) -> None:
    """Give a message to Slack what a phone shows of it; the plugin leaves it at "no preview available"."""
    if urlsplit(request.url).hostname not in SLACK:
        return
    with contextlib.suppress(ValueError, TypeError, LookupError):
        payload = json.loads(request.body)
        for attachment in payload["attachments"]:
            attachment["fallback"] = html.escape(title, quote=False)
        request.prepare_body(json.dumps(payload), None)


def objection(watched: Watched, request: Any, ask: Callable[[Any], Any]) -> str:
    """Return why this must not be sent, if so; `ask` sends a question first."""
    if creates_a_room(request):
        watched.problems.append("the Matrix room alias does not exist, and is not created")
        return "it would create a room"
    if makes_an_account(request):
        return "it would make an account"  # the answer to the login is what is told
    if question := question_of_encryption(request):
        status = ask(question).status_code
        if status == 200:
            watched.problems.append("the Matrix room is encrypted, and this message would not be")
        return "" if status == 404 else "it might be said in the open"
    return ""


def creates_a_room(request: Any) -> bool:
    """Return whether this would create a Matrix room for an alias: a mistyped one swallows every message."""
    if not urlsplit(request.url).path.endswith("/createRoom"):
        return False
    with contextlib.suppress(ValueError, AttributeError):
        return bool(json.loads(request.body or b"{}").get("room_alias_name"))
    return False


def makes_an_account(request: Any) -> bool:
    """Return whether this would make a Matrix account: a mistyped login would get one of its own."""
    path = urlsplit(request.url).path
    return "/_matrix/client/" in path and path.endswith("/register")


def question_of_encryption(request: Any) -> Any:
    """Return what asks whether a Matrix room encrypts where this is a message to it, else None."""
    room, sends, _ = request.url.partition("/send/m.room.message/")
    if not sends or "/_matrix/client/" not in room:
        return None
    asked = request.copy()
    asked.prepare(method="GET", url=f"{room}/state/m.room.encryption", headers=request.headers)
    asked.headers.pop("Content-Length", None)
    return asked


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


def keep(response: Any) -> None:
    """Read as much of a streamed refusal as is looked at, for the plugin and for us."""
    with contextlib.suppress(Exception):
        response._content = response.raw.read(TEXT_READ, decode_content=True)  # noqa: SLF001 it has no other place
        response._content_consumed = True  # noqa: SLF001 it has no other place


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
    if text.startswith("{"):
        with contextlib.suppress(ValueError):
            error = json.loads(content).get("error", "")
            return plain(str(error or ("" if status < 400 else text)).encode())[:TEXT_SHOWN]
        return "" if status < 400 else text[:TEXT_SHOWN]
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

    smtplib.SMTP.getreply = watching  # type: ignore[method-assign] # replaced, in this process only
    smtplib.SMTP.connect = noting(watched, smtplib.SMTP.connect)  # type: ignore[method-assign] # replaced, in this process only
    smtplib.SMTP.starttls = noting(watched, smtplib.SMTP.starttls)  # type: ignore[method-assign] # replaced, in this process only


def noting(watched: Watched, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same call, noting what it raises of the network's."""

    @functools.wraps(call)
    def calling(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except OSError as error:
            # The first of them: what follows is a farewell that fails, too.
            watched.trouble = watched.trouble or cause(error)[:TEXT_SHOWN]
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

"""What comes of a delivery, judged from what the child saw of the conversation with the receiver."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

import msgspec


class Tone(StrEnum):
    """How a message looks where a receiver has colours; the values are Apprise's."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The receiver accepted the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The receiver did not accept it, or could not be asked.

    `sentence` is for an operator and holds no secret. `retry_after_for` is how long the receiver asks us to
    stay away. `looks_final` marks what no retry will mend: an unknown webhook, a wrong password, an address
    that Apprise does not understand.
    """

    sentence: str
    retry_after_for: timedelta | None = None
    looks_final: bool = False


Outcome = Delivered | Refused


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer that the child saw.

    `retry_after` and `date` are headers, `sends_to` is the host that a redirect names, `text` how the body
    begins.
    """

    host: str
    status: int
    retry_after: str = ""
    date: str = ""
    sends_to: str = ""
    text: str = ""
    is_html: bool = False


class Reply(msgspec.Struct, frozen=True):
    """A mail server's last refusal."""

    code: int
    text: str


class Report(msgspec.Struct, frozen=True):
    """The one line of JSON that the child writes.

    `problems` is why the address cannot be used at all, `trouble` what broke the connection after the last
    answer. `lines` is what Apprise logged from WARNING up.
    """

    delivered: bool = False
    problems: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    reply: Reply | None = None
    trouble: str = ""
    lines: tuple[str, ...] = ()


class Limit(msgspec.Struct, frozen=True):
    """What a Matrix server says with a 429."""

    retry_after_ms: float | None = None


# What a receiver answers when it does not know us or our address: tried again, but seldom.
FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 422})
# What some say with a 200 although it passes.
PASSING = re.compile(r"internal|fatal|time.?out|unavailable|limit|again|later|retry", re.IGNORECASE)


def judge(report: Report) -> Outcome:
    """Return what came of it; the most telling fact of several makes the sentence."""
    if report.delivered:
        return Delivered()
    if report.problems:
        return Refused(sentence="; ".join(report.problems), looks_final=True)
    limited = [answer for answer in report.answers if answer.status == HTTPStatus.TOO_MANY_REQUESTS]
    if limited:
        return _limited(limited[-1])
    if report.reply is not None:
        return Refused(
            sentence=f"the mail server answered {report.reply.code} {report.reply.text}".rstrip(),
            looks_final=report.reply.code >= 500,  # RFC 5321, 4.2.1: 5xx is permanent
        )
    if report.answers and not report.trouble:
        return _answered(report.answers[-1])
    said = report.trouble or "; ".join(report.lines) or "Apprise gave no reason"
    return Refused(sentence=f"could not be delivered: {said}")


def _limited(answer: Answer) -> Refused:
    wait_for = _asked_to_wait(answer)
    wish = "" if wait_for is None else f", asking to wait {wait_for.total_seconds():g} s"
    return Refused(sentence=f"{answer.host} answered {_status(answer)}{wish}", retry_after_for=wait_for)


def _answered(answer: Answer) -> Refused:
    head = f"{answer.host} answered {_status(answer)}"
    if answer.sends_to:
        return Refused(sentence=f"{head}, sending us on to {answer.sends_to}; is something in between?")
    if answer.is_html:
        # A sign-in page in between says nothing about the receiver, whatever its status.
        return Refused(
            sentence=f"{head} with a web page; is something in between?",
            retry_after_for=_asked_to_wait(answer),
        )
    said = f": {answer.text}" if answer.text else ""
    if answer.status < 400:
        passes = not answer.text or PASSING.search(answer.text)
        return Refused(sentence=f"{head} but did not accept the message{said}", looks_final=not passes)
    return Refused(
        sentence=f"{head}{said}",
        retry_after_for=_asked_to_wait(answer),
        looks_final=answer.status in FINAL,
    )


def _asked_to_wait(answer: Answer) -> timedelta | None:
    """Return what Retry-After (RFC 9110, 10.2.3) or Matrix's retry_after_ms says; None for neither.

    A date is taken against the answer's own Date, so that a wrong clock of ours does not matter.
    """
    header = answer.retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", header):
        return timedelta(seconds=int(header))
    with contextlib.suppress(ValueError, TypeError):
        until, at = parsedate_to_datetime(header), parsedate_to_datetime(answer.date)
        return max(until - at, timedelta(0))
    with contextlib.suppress(msgspec.MsgspecError, OverflowError):
        milliseconds = msgspec.json.decode(answer.text, type=Limit).retry_after_ms
        return None if milliseconds is None else timedelta(milliseconds=max(milliseconds, 0))
    return None


def _status(answer: Answer) -> str:
    try:
        return f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return str(answer.status)

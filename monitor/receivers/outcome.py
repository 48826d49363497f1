"""What comes of a delivery, judged from what the child saw of the conversation with the receiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
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
    """One HTTP answer that the child saw; `retry_after` is in seconds, `text` the beginning of the body."""

    host: str
    status: int
    retry_after: float | None = None
    text: str = ""
    is_html: bool = False


class Reply(msgspec.Struct, frozen=True):
    """A mail server's last refusal."""

    code: int
    text: str


class Report(msgspec.Struct, frozen=True):
    """The one line of JSON that the child writes.

    `problems` is why the address cannot be used at all. `lines` is what Apprise logged from WARNING up.
    """

    delivered: bool = False
    problems: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    reply: Reply | None = None
    lines: tuple[str, ...] = ()


# What a receiver answers when it does not know us or our address: tried again, but seldom.
FINAL = frozenset({400, 401, 403, 404, 405, 410, 422})


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
    if report.answers:
        return _answered(report.answers[-1])
    said = "; ".join(report.lines) or "Apprise gave no reason"
    return Refused(sentence=f"could not be delivered: {said}")


def _limited(answer: Answer) -> Refused:
    if answer.retry_after is None:
        return Refused(sentence=f"{answer.host} answered {_status(answer)}")
    retry_after_for = timedelta(seconds=answer.retry_after)
    return Refused(
        sentence=f"{answer.host} answered {_status(answer)}, asking to wait {answer.retry_after:g} s",
        retry_after_for=retry_after_for,
    )


def _answered(answer: Answer) -> Refused:
    retry_after_for = None if answer.retry_after is None else timedelta(seconds=answer.retry_after)
    if answer.is_html:
        # A sign-in page in between says nothing about the receiver, whatever its status.
        return Refused(
            sentence=f"{answer.host} answered {_status(answer)} with a web page; is something in between?",
            retry_after_for=retry_after_for,
        )
    said = f": {answer.text}" if answer.text else ""
    if answer.status < 400:
        return Refused(
            sentence=f"{answer.host} answered {_status(answer)} but did not accept the message{said}",
            looks_final=bool(answer.text),
        )
    return Refused(
        sentence=f"{answer.host} answered {_status(answer)}{said}",
        retry_after_for=retry_after_for,
        looks_final=answer.status in FINAL,
    )


def _status(answer: Answer) -> str:
    try:
        return f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return str(answer.status)

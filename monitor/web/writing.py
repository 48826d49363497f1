"""What may be changed, by form, by API and by hook alike: an ack, a silence, a look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitor.config.durations import parse_duration
from monitor.errors import ParseError
from monitor.messages import legible
from monitor.model import CheckName, Side, Silence
from monitor.silences import ack_of
from monitor.store import Ledger
from monitor.web.face import Face
from monitor.web.problems import Problem

LONGEST_COMMENT, LONGEST_WHO = 500, 80
LONGEST_SILENCE = timedelta(days=366)


def text_of(given: Mapping[str, Any], name: str, most: int, default: str = "") -> str:
    """Return a text that somebody gave, on one line.

    Raises:
        Problem: it is no text.
    """
    value = given.get(name, default)
    if value is None:
        return default
    if not isinstance(value, str):
        raise Problem(422, f"{name} should be a text")
    return legible(value.strip(), most) or default


async def acknowledge(face: Face, id_: int, *, who: str, comment: str) -> str:
    """Mute the repeats of an alert until a newer release is out; returns the name of its target.

    Raises:
        Problem: no alert of this number fires.
    """
    now = face.hands.clock.now()

    def job(ledger: Ledger) -> str:
        alert = next((alert for alert in ledger.live_alerts() if alert.id == id_), None)
        if alert is None or alert.resolved_at is not None:
            raise Problem(404, f"no alert {id_} is firing")
        ledger.add_ack(ack_of(alert, at=now, who=who, comment=comment))
        return alert.target

    target = await face.hands.write(job)
    _changed(face)
    return target


async def take_back(face: Face, id_: int, *, who: str) -> None:
    """End the ack of an alert.

    Raises:
        Problem: none stands.
    """
    now = face.hands.clock.now()
    if not await face.hands.write(lambda ledger: ledger.end_ack(id_, now, who)):
        raise Problem(404, f"alert {id_} is not acked")
    _changed(face)


async def silence(face: Face, given: Mapping[str, Any]) -> Silence:
    """Tell nothing of what matches for a while.

    Raises:
        Problem: what is asked for makes no sense.
    """
    wanted = wanted_silence(face, given)
    made = await face.hands.write(lambda ledger: ledger.add_silence(wanted))
    _changed(face)
    return made


def wanted_silence(face: Face, given: Mapping[str, Any]) -> Silence:
    """Return the silence that somebody asks for, without its number.

    Raises:
        Problem: what is asked for makes no sense.
    """
    now = face.hands.clock.now()
    target, check = text_of(given, "target", 300) or None, text_of(given, "check", 40) or None
    if target is not None and target not in face.hands.targets:
        raise Problem(422, "there is no target of this name")
    if check is not None and check not in set(CheckName):
        raise Problem(422, f"check should be one of {', '.join(CheckName)}")
    return Silence(
        id=0,
        from_at=now,
        until_at=now + _length(given),
        who=text_of(given, "who", LONGEST_WHO, "web"),
        comment=text_of(given, "comment", LONGEST_COMMENT),
        target=target,
        label=_label(text_of(given, "label", 200)),
        check=None if check is None else CheckName(check),
    )


def _length(given: Mapping[str, Any]) -> timedelta:
    try:
        length = parse_duration(given.get("for"))
    except ParseError as error:
        raise Problem(422, f"for: {error}") from error
    if not timedelta(0) < length <= LONGEST_SILENCE:
        raise Problem(422, "for: a silence lasts between a second and a year")
    return length


def _label(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise Problem(422, "label should be name=value")
    return name, value


async def end_silence(face: Face, id_: int) -> None:
    """Let a silence end now.

    Raises:
        Problem: there is none in force or to come.
    """
    now = face.hands.clock.now()
    if not await face.hands.write(lambda ledger: ledger.end_silence(id_, now)):
        raise Problem(404, f"there is no silence {id_} in force or to come")
    _changed(face)


def look(face: Face, name: str, sides: tuple[Side, ...] = tuple(Side)) -> bool:
    """Look at these sides now; False where one was just asked for, and this one follows soon.

    Raises:
        Problem: there is no target of this name.
    """
    if name not in face.hands.targets:
        raise Problem(404, "there is no target of this name")
    begun = [face.hurry.look(name, side) for side in sides]
    return True in begun


def _changed(face: Face) -> None:
    face.hands.tell()
    face.pictures.forget()

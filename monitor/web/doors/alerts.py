"""One alert: what, since when, why we believe it, who was told, and what ended it; and the list of all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from monitor.model import Alert, Event, EventKind
from monitor.status import AlertStatus
from monitor.status.alerting import Muting, alert_status
from monitor.store import Reader
from monitor.web.face import Face, face_of
from monitor.web.pages import page
from monitor.web.problems import Problem

CONFIRMED_WITHIN = timedelta(minutes=15)
MOST_CONFIRMS = 6
MOST = 200


async def alert(request: web.Request) -> web.Response:
    """Return the page that every message links to."""
    face = face_of(request)
    picture = await face.pictures.now()
    id_ = id_of(request.match_info["id"])
    one = await alert_of(face, id_)

    async def make() -> Mapping[str, Any]:
        found = await asyncio.to_thread(_gathered, face.hands.reader, one)
        return {**picture.shared, "alert": one, **found}

    return await page(request, "alert.html", make, key=(picture.number, "alert", id_))


def id_of(text: str) -> int:
    """Return the number.

    Raises:
        Problem: it is none.
    """
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise Problem(404, "there is no alert of this number")


async def alert_of(face: Face, id_: int) -> AlertStatus:
    """Return the alert as the picture shows it, or as it was when it ended.

    Raises:
        Problem: there is none of this number.
    """
    shown = next((one for one in (await face.status()).alerts if one.id == id_), None)
    if shown is not None:
        return shown
    found = await asyncio.to_thread(face.hands.reader.alerts, ids=(id_,))
    if not found:
        raise Problem(404, f"there is no alert {id_}")
    return await asyncio.to_thread(ended, face, found[0])


def ended(face: Face, alert: Alert) -> AlertStatus:
    """Return an alert that is over as the picture would show it."""
    reader, id_ = face.hands.reader, alert.id or 0
    muting = Muting(
        targets=face.hands.targets,
        acks={},
        told={id_: reader.told((id_,))},
        silences=(),
        now=face.hands.clock.now(),
    )
    return alert_status(alert, muting)


def _gathered(reader: Reader, one: AlertStatus) -> dict[str, Any]:
    id_ = one.id or 0
    events = [event for event in reader.events(target=one.target) if event.alert_id == id_]
    return {
        "deliveries": reader.deliveries(alert_ids=(id_,))[::-1],
        "events": _told_once(events[::-1]),
        "resolved_by": _resolved_by(reader, one),
        "confirms": _confirms(reader, one),
    }


def _told_once(events: Sequence[Event]) -> list[Event]:
    """Return the events but the last end, which the page tells with its reason."""
    if events and events[-1].kind is EventKind.RESOLVED:
        return list(events[:-1])
    return list(events)


def _confirms(reader: Reader, one: AlertStatus) -> list[Any]:
    """Return the second looks that were made before it fired."""
    at = one.evidence.at if one.evidence is not None else one.fired_at
    if at is None:
        return []
    span = {"from_at": at - CONFIRMED_WITHIN, "until_at": at + timedelta(seconds=1)}
    looks = reader.observations(one.target, **span, most=None)
    return [look for look in looks if look.confirm][:MOST_CONFIRMS][::-1]


def _resolved_by(reader: Reader, one: AlertStatus) -> str:
    """Return what ended it: the first look at either side that said something else."""
    if one.resolved_at is None:
        return ""
    events = reader.events(target=one.target)
    return next(
        (
            event.sentence
            for event in events
            if event.alert_id == one.id and event.kind in {EventKind.RESOLVED, EventKind.DROPPED}
        ),
        "",
    )


async def alerts(request: web.Request) -> web.Response:
    """Return the list: what is open, then what is over."""
    face = face_of(request)
    picture = await face.pictures.now()

    async def make() -> Mapping[str, Any]:
        known = {one.id for one in picture.status.alerts}
        every = await asyncio.to_thread(face.hands.reader.alerts, most=MOST)
        over = [one for one in every if one.id not in known]
        return {**picture.shared, "open": picture.status.alerts, "over": over}

    return await page(request, "alerts.html", make, key=(picture.number, "alerts"))


ROUTES = [web.get("/alerts", alerts), web.get("/alerts/{id}", alert)]

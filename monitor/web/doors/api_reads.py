"""The API for reading: everything that the pages show, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from monitor.model import Alert, AlertState, SeenRelease, Side, TargetState
from monitor.status import AlertStatus, SilenceStatus, Status, TargetStatus
from monitor.store import Delivery, Look
from monitor.web.doors.alerts import alert_of, ended, id_of
from monitor.web.doors.overview import Wanted, chosen
from monitor.web.doors.targets import named, timeline_of
from monitor.web.face import face_of
from monitor.web.operations import PAGING, Operation, Parameter, answer, page_of
from monitor.web.problems import Problem
from monitor.web.shapes import DeliveryStatus, TimelineStatus
from monitor.web.timeline import RANGES, Point

NAME = Parameter(name="name", summary="The target's name.", where="path")
ID = Parameter(
    name="id", summary="The number.", where="path", schema={"type": "integer", "minimum": 1, "maximum": 2**40}
)
LOOKS_WITHIN = timedelta(days=7)


async def status(request: web.Request) -> web.Response:
    """Return the whole picture."""
    return answer(request, await face_of(request).status())


async def targets(request: web.Request) -> web.Response:
    """Return the targets by name."""
    face, page, query = face_of(request), page_of(request, str), request.query
    wanted = Wanted(q=query.get("q", "")[:100], label=query.get("label", "")[:100])
    found = sorted(chosen((await face.status()).targets, wanted), key=lambda one: one.name)
    word = query.get("state")
    rows = [
        one
        for one in found
        if (word is None or one.word == word) and (page.after is None or one.name > page.after)
    ]
    return answer(request, page.of(rows, lambda one: one.name))


async def target(request: web.Request) -> web.Response:
    """Return one target."""
    picture = await face_of(request).status()
    return answer(request, named(picture.target(request.match_info["name"])))


async def releases(request: web.Request) -> web.Response:
    """Return the releases of a target, newest first."""
    face, page = face_of(request), page_of(request)
    name = named((await face.status()).target(request.match_info["name"])).name
    state = face.hands.states().get(name, TargetState(target=name))
    every = sorted(
        state.releases.values(),
        key=lambda one: (one.published_at or one.first_seen_at, one.tag),
        reverse=True,
    )
    # A release that appears meanwhile moves the rest by one: better told twice than not at all.
    start = page.after or 0
    rows = list(enumerate(every[start : start + page.limit + 1], start))
    return answer(request, page.of(rows, lambda row: row[0] + 1, [release for _, release in rows]))


async def looks(request: web.Request) -> web.Response:
    """Return the last looks at a target, newest first."""
    face, page = face_of(request), page_of(request)
    name = named((await face.status()).target(request.match_info["name"])).name
    until_at = None if page.after is None else _from_us(page.after)
    rows: Sequence[Look] = await asyncio.to_thread(
        face.hands.reader.observations,
        name,
        face.hands.clock.now() - LOOKS_WITHIN,
        until_at,
        page.limit + 1,
    )
    return answer(request, page.of(rows, lambda look: round(look.at.timestamp() * 1_000_000)))


def _from_us(us: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    except OverflowError:
        raise Problem(400, "cursor should be the `next` of a page") from None


async def timeline(request: web.Request) -> web.Response:
    """Return what was named and what was out."""
    face = face_of(request)
    length = RANGES.get(request.query.get("range", "week"))
    if length is None:
        raise Problem(400, f"range should be one of {', '.join(RANGES)}")
    name = named((await face.status()).target(request.match_info["name"])).name
    hands, now = face.hands, face.hands.clock.now()
    state = hands.states().get(name, TargetState(target=name))
    found = await asyncio.to_thread(timeline_of, hands.reader, hands.targets[name], state, now, length)
    series: Mapping[str, list[Point]] = {} if found is None else found.series
    shown = TimelineStatus(
        from_at=now - length,
        until_at=now,
        sentence="" if found is None else found.sentence,
        named=tuple(series.get("named", ())),
        out=tuple(series.get("out", ())),
    )
    return answer(request, shown)


async def alerts(request: web.Request) -> web.Response:
    """Return the alerts that have fired, newest first."""
    face, page, query = face_of(request), page_of(request), request.query
    word = query.get("state")
    if word is not None and word not in set(AlertState):
        raise Problem(400, f"state should be one of {', '.join(AlertState)}")
    found: Sequence[Alert] = await asyncio.to_thread(
        face.hands.reader.alerts,
        target=query.get("target"),
        states=None if word is None else (AlertState(word),),
    )
    rows = [one for one in found if page.after is None or (one.id or 0) < page.after][: page.limit + 1]
    shown = {one.id: one for one in (await face.status()).alerts if one.id is not None}
    items = [shown.get(one.id or 0) or ended(face, one) for one in rows]
    return answer(request, page.of(rows, lambda one: one.id, items))


async def alert(request: web.Request) -> web.Response:
    """Return one alert."""
    return answer(request, await alert_of(face_of(request), id_of(request.match_info["id"])))


async def deliveries(request: web.Request) -> web.Response:
    """Return the outbox, newest first."""
    face, page, query = face_of(request), page_of(request), request.query
    rows: Sequence[Delivery] = await asyncio.to_thread(
        face.hands.reader.deliveries,
        receiver=query.get("receiver"),
        states=None if query.get("state") is None else (query["state"],),
        before_id=page.after,
        most=page.limit + 1,
    )
    return answer(request, page.of(rows, lambda row: row.id, map(_delivery, rows)))


def _delivery(row: Delivery) -> DeliveryStatus:
    sent = row.notification
    return DeliveryStatus(
        id=row.id,
        at=sent.at,
        alert_id=sent.alert_id,
        target=sent.target,
        check=sent.check,
        receiver=sent.receiver,
        reason=sent.reason,
        severity=sent.severity,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        first_attempt_at=row.first_attempt_at,
        last_attempt_at=row.last_attempt_at,
        sentence=row.sentence,
        title=sent.title,
        body=sent.body,
    )


async def silences(request: web.Request) -> web.Response:
    """Return the silences in force or to come, by number."""
    page = page_of(request)
    found = sorted((await face_of(request).status()).silences, key=lambda one: one.id)
    rows = [one for one in found if page.after is None or one.id > page.after]
    return answer(request, page.of(rows, lambda one: one.id))


def _side(name: str) -> Mapping[str, Any]:
    return {"type": "string", "enum": [side.value for side in Side], "title": name}


def _choice(values: Sequence[str]) -> Mapping[str, Any]:
    return {"type": "string", "enum": list(values)}


_V1 = "/api/v1"
OPERATIONS = (
    Operation(method="GET", path=f"{_V1}/status", handler=status, summary="The whole picture.", gives=Status),
    Operation(
        method="GET",
        path=f"{_V1}/targets",
        handler=targets,
        summary="All targets, by name.",
        gives=TargetStatus,
        is_listed=True,
        parameters=(
            *PAGING,
            Parameter(name="q", summary="Only those that have all these words."),
            Parameter(name="label", summary="Only those with this label, as name=value."),
            Parameter(name="state", summary="Only those that stand so: `behind`, `in step`, …"),
        ),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/targets/{{name}}",
        handler=target,
        summary="One target.",
        gives=TargetStatus,
        parameters=(NAME,),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/targets/{{name}}/releases",
        handler=releases,
        summary="Its releases, newest first.",
        gives=SeenRelease,
        is_listed=True,
        parameters=(NAME, *PAGING),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/targets/{{name}}/looks",
        handler=looks,
        summary="The looks of the last week, newest first.",
        gives=Look,
        is_listed=True,
        parameters=(NAME, *PAGING),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/targets/{{name}}/timeline",
        handler=timeline,
        summary="What was named and what was out.",
        gives=TimelineStatus,
        parameters=(
            NAME,
            Parameter(
                name="range", summary="How far back; a week by default.", schema=_choice(tuple(RANGES))
            ),
        ),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/alerts",
        handler=alerts,
        summary="The alerts that have fired, newest first.",
        gives=AlertStatus,
        is_listed=True,
        parameters=(
            *PAGING,
            Parameter(name="target", summary="Only of this target."),
            Parameter(name="state", summary="Only in this state.", schema=_choice(tuple(AlertState))),
        ),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/alerts/{{id}}",
        handler=alert,
        summary="One alert.",
        gives=AlertStatus,
        parameters=(ID,),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/deliveries",
        handler=deliveries,
        summary="The outbox, newest first.",
        gives=DeliveryStatus,
        is_listed=True,
        parameters=(
            *PAGING,
            Parameter(name="receiver", summary="Only to this receiver."),
            Parameter(name="state", summary="Only in this state: queued, delivered, undelivered, …"),
        ),
    ),
    Operation(
        method="GET",
        path=f"{_V1}/silences",
        handler=silences,
        summary="The silences in force or to come.",
        gives=SilenceStatus,
        is_listed=True,
        parameters=PAGING,
    ),
)
ROUTES = [operation.route for operation in OPERATIONS]

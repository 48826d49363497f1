"""One target: its timeline, releases, looks, alerts and configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from monitor.messages import legible, span
from monitor.model import EventKind, SeenRelease, Side, Silence, Target, TargetState
from monitor.status import TargetStatus
from monitor.store import Reader, SeenReading
from monitor.web.face import Face, face_of
from monitor.web.pages import page
from monitor.web.problems import Problem
from monitor.web.timeline import RANGES, Seen, Timeline, drawn

MOST_RELEASES, MOST_LOOKS, MOST_ALERTS = 50, 20, 50
LOOKS_WITHIN = timedelta(days=2)


async def target(request: web.Request) -> web.Response:
    """Return the page."""
    face = face_of(request)
    picture = await face.pictures.now()
    one = named(picture.status.target(request.match_info["name"]))
    chosen = request.query.get("range", "")
    chosen = chosen if chosen in RANGES else "week"

    async def make() -> Mapping[str, Any]:
        found = await gathered(face, one.name, chosen)
        return {**picture.shared, "one": one, "range": chosen, "ranges": tuple(RANGES), **found}

    return await page(request, "target.html", make, key=(picture.number, "target", one.name, chosen))


def named(one: TargetStatus | None) -> TargetStatus:
    """Return the target.

    Raises:
        Problem: there is none of this name.
    """
    if one is None:
        raise Problem(404, "there is no target of this name")
    return one


async def gathered(face: Face, name: str, chosen: str) -> dict[str, Any]:
    """Return what the page shows besides the picture; the database is asked in a thread."""
    hands = face.hands
    now, state = hands.clock.now(), hands.states().get(name, TargetState(target=name))
    is_public = face.settings.public
    shown = await asyncio.to_thread(_shown, hands.reader, hands.targets[name], state, now, chosen)
    hidden = {"looks": (), "why": {}, "configuration": ""}
    if is_public:
        return {**shown, **hidden}
    looks = await asyncio.to_thread(_looks, hands.reader, name, now)
    return {**shown, **looks, "configuration": hands.configuration(name)}


def _shown(reader: Reader, target: Target, state: TargetState, now: datetime, chosen: str) -> dict[str, Any]:
    rows = sorted(
        state.releases.values(), key=lambda one: one.published_at or one.first_seen_at, reverse=True
    )
    return {
        "timeline": timeline_of(reader, target, state, now, RANGES[chosen]),
        "releases": [_row(release, state, now) for release in rows[:MOST_RELEASES]],
        "more_releases": len(rows) if len(rows) > MOST_RELEASES else 0,
        "alerts": reader.alerts(target=target.name, most=MOST_ALERTS),
    }


def timeline_of(
    reader: Reader, target: Target, state: TargetState, now: datetime, length: timedelta
) -> Timeline | None:
    """Return the timeline of the last so long."""
    seen = Seen(
        state=state,
        named=_named(reader, target.name, now - length),
        alerts=reader.alerts(target=target.name),
        acks=[
            (event.at, f"acked by {event.sentence}")
            for event in reader.events(target=target.name)
            if event.kind is EventKind.ACKED
        ],
        silences=[silence for silence in reader.silences() if _may_concern(silence, target)],
        runs=reader.runs(),
    )
    return drawn(seen, now - length, now)


def _named(reader: Reader, name: str, from_at: datetime) -> Sequence[SeenReading]:
    return reader.history(name, from_at, side=Side.METADATA)


def _may_concern(silence: Silence, target: Target) -> bool:
    if silence.target is not None and silence.target != target.name:
        return False
    return silence.label is None or target.labels.get(silence.label[0]) == silence.label[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One release with how long it took to be named."""

    release: SeenRelease
    lag: str
    note: str


def _row(release: SeenRelease, state: TargetState, now: datetime) -> Row:
    return Row(release=release, lag=_lag(release, state, now), note=_note(release))


def _lag(release: SeenRelease, state: TargetState, now: datetime) -> str:
    """Return how long it took; what was released before our first look was announced we do not know when."""
    begun, first_at = release.published_at or release.first_seen_at, state.metadata.first_good_at
    if release.covered_at is None:
        return f"{span(now - begun)}, goes on" if release.eligible else "-"
    if first_at is None or begun < first_at:
        return "before our first look"
    return span(release.covered_at - begun)


def _note(release: SeenRelease) -> str:
    marks = {
        "withdrawn": release.withdrawn_at is not None,
        "draft": release.draft,
        "pre-release": bool(release.prerelease),
        "does not count": release.eligible is False and not (release.draft or release.prerelease),
        "never named, superseded": release.covered_at is not None and release.named_at is None,
    }
    return ", ".join(mark for mark, holds in marks.items() if holds)


def _looks(reader: Reader, name: str, now: datetime) -> dict[str, Any]:
    # Looks have no index by target: only a stretch of time is read.
    looks = reader.observations(name, from_at=now - LOOKS_WITHIN, most=MOST_LOOKS)
    failed = {look.reading_id for look in looks if look.outcome != "good"}
    sentences = reader.sentences(failed)
    return {"looks": looks, "why": {id_: legible(text, 200) for id_, text in sentences.items()}}


ROUTES = [web.get("/targets/{name}", target)]

"""What a daemon recorded of one target: its looks, when it was up, under which policy, when it was blind."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from monitor import detector
from monitor.errors import ParseError
from monitor.model import Failure, Got, Marks, Observation, Policy, Reading, Side, Silence
from monitor.store import Reader
from monitor.store.looks import Look
from monitor.store.readings import SeenReading
from monitor.store.runs import ConfigLoad, Run

_TICK = timedelta(microseconds=1)
_MOST_OF_A_RUN = 50
"""Failed looks that are made up where only their number is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """A time in which the daemon was up; `down_from_at` is the end of the one before."""

    from_at: datetime
    until_at: datetime
    down_from_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A configuration that came into force; `table` is the target's, None where it is not in it."""

    at: datetime
    table: Mapping[str, Any] | None
    is_start: bool

    def marks(self, policy: Policy) -> Marks:
        """Return the digests of what the target's state depends on, under this policy."""
        table = self.table or {}
        tags = policy.tags or table.get("releases", {}).get("pattern")
        return Marks(
            metadata=_digest(table.get("metadata")),
            releases=_digest([table.get("releases"), tags]),
            scheme=policy.scheme,
            policy=_digest(repr(policy)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """A time in which we saw nothing: told from `from_at` on, known to have begun at `since`."""

    since: datetime
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All of it, each in order of time."""

    target: str
    looks: Sequence[Observation]
    readings: Mapping[Side, Sequence[SeenReading]]
    ups: Sequence[Up]
    versions: Sequence[Version]
    blind: Sequence[Blind]
    silences: Sequence[Silence]

    def in_force(self, side: Side, at: datetime) -> Reading | Failure | None:
        """Return what a look at this side would have got then, None before the first."""
        readings = self.readings.get(side, ())
        place = bisect_right(readings, at, key=lambda reading: reading.first_at)
        return readings[place - 1].outcome if place else None


def recording_of(reader: Reader, target: str | None) -> Recording:
    """Return what the database has of this target, or of its only one.

    Raises:
        ParseError: there is no such target, or it is not said which of several.
        StoreError: the database refuses.
    """
    (name,) = chosen_targets(reader, () if target is None else (target,), most=1)
    readings = reader.history(name)
    looks = tuple(_looks(readings, reader.observations(target=name, most=None), name))
    if not looks:
        raise ParseError(f"the database has no look at {name}")
    sides = {side: tuple(each for each in readings if each.side is side) for side in Side}
    blind = reader.alerts(target=detector.sight().target)
    return Recording(
        target=name,
        looks=looks,
        readings=sides,
        ups=tuple(_ups(sorted(reader.runs(), key=lambda run: run.id), looks)),
        versions=versions_of(reader, name),
        blind=tuple(
            Blind(since=alert.since, from_at=alert.fired_at or alert.since, until_at=alert.resolved_at)
            for alert in reversed(blind)
        ),
        silences=reader.silences(),
    )


def chosen_targets(reader: Reader, names: Sequence[str], *, most: int | None = None) -> tuple[str, ...]:
    """Return the targets of these names, or all there ever were; our own sight is none.

    Raises:
        ParseError: there is no such target, or there are more than wanted.
    """
    known = [name for name in reader.targets() if name != detector.sight().target]
    has = f"it has {', '.join(known)}" if known else "it has none"
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ParseError(f"there is no target {unknown[0]!r} in the database; {has}")
    chosen = tuple(names or known)
    if not chosen or (most is not None and len(chosen) > most):
        raise ParseError(f"say which target of the database: --target NAME; {has}")
    return chosen


# --- looks ---------------------------------------------------------------------------------------


def _looks(readings: Sequence[SeenReading], rows: Sequence[Look], target: str) -> Iterator[Observation]:
    """Yield every look; those of which only the reading is kept are made up at its first and last sight."""
    kept = list(_exact(readings, rows[::-1], target))
    begins_at = kept[0].at if kept else None
    made_up = [
        Observation(target=target, side=reading.side, at=at, outcome=reading.outcome)
        for reading in readings
        for at in _sights(reading)
        if begins_at is None or at < begins_at
    ]
    yield from sorted(made_up, key=lambda look: look.at)
    yield from kept


def _exact(readings: Sequence[SeenReading], rows: Sequence[Look], target: str) -> Iterator[Observation]:
    """Yield the looks at the instants at which they were made.

    Rows of one instant are written a microsecond apart; a reading knows its first and last sight exactly.
    """
    by_id = {reading.id: reading for reading in readings}
    left = {reading.id: reading.seen for reading in readings}
    for row in rows:
        left[row.reading_id] -= 1
    # What was pruned came first.
    at = before = None
    for row in rows:
        at = at if at is not None and before is not None and row.at - before == _TICK else row.at
        before = row.at
        reading = by_id[row.reading_id]
        is_first = left[row.reading_id] == 0
        left[row.reading_id] += 1
        is_last = left[row.reading_id] == reading.seen
        at = reading.first_at if is_first else reading.last_at if is_last else at
        got = Got(confirm=row.confirm, cache_age_for=row.cache_age_for)
        yield Observation(target=target, side=row.side, at=at, outcome=reading.outcome, got=got)


def _sights(reading: SeenReading) -> Iterator[datetime]:
    """Yield first and last sight, and of failed looks as many between them as there were."""
    yield reading.first_at
    if reading.seen < 2:
        return
    whole = reading.last_at - reading.first_at
    between = min(reading.seen, _MOST_OF_A_RUN) - 2 if isinstance(reading.outcome, Failure) else 0
    for place in range(between):
        yield reading.first_at + whole * (place + 1) / (between + 1)
    yield reading.last_at


# --- runs and policies ---------------------------------------------------------------------------


def _ups(runs: Sequence[Run], looks: Sequence[Observation]) -> Iterator[Up]:
    times = [look.at for look in looks]
    for place, run in enumerate(runs):
        ended_at = run.ended_at or run.alive_at
        before = runs[place - 1] if place else None
        ends_before = runs[place + 1].started_at if place + 1 < len(runs) else None
        if run.ended_at is None:
            # It did not live to say so; what it looked at since its last sign of life is one.
            last = times[-1:] if ends_before is None else times[: bisect_right(times, ends_before)][-1:]
            ended_at = max(ended_at, *last) if last and last[0] >= run.started_at else ended_at
        yield Up(
            from_at=run.started_at,
            until_at=ended_at,
            down_from_at=None if before is None else before.ended_at or before.alive_at,
        )


def versions_of(reader: Reader, target: str) -> tuple[Version, ...]:
    """Return the configurations that came into force, and what each said of the target."""
    return tuple(_versions(reader, target))


def _versions(reader: Reader, target: str) -> Iterator[Version]:
    loads = [load for load in reader.config_loads() if load.policy is not None]
    bodies = {load.policy: _body(reader, load) for load in loads}
    latest = next((body[target] for body in reversed(bodies.values()) if target in body), {"was": None})
    names = (target, str(latest.get("was")))
    starts: set[int] = set()
    for load in loads:
        body = bodies[load.policy]
        table = next((body[name] for name in names if name in body), None) if body else {}
        yield Version(at=load.at, table=table, is_start=load.run_id not in starts)
        starts.add(load.run_id)


def _body(reader: Reader, load: ConfigLoad) -> dict[str, Any]:
    """Return the tables of all targets; none where they were not recorded."""
    text = reader.policy(load.policy or "")
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()

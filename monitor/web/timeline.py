"""What was named and what was out, as two step lines over time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from monitor.messages import span
from monitor.model import Alert, Reading, SeenRelease, Silence, TargetState
from monitor.store import Run, SeenReading
from monitor.versions import scheme_named

RANGES = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
WIDTH, LEFT, RIGHT, TOP = 1000, 128, 984, 30
STEP, LEAST_STEPS, MOST_LEVELS = 34, 3, 9
# Shorter gaps are restarts, and would only be a hair line.
SHORTEST_GAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that a timeline is drawn from."""

    state: TargetState
    named: Sequence[SeenReading]
    alerts: Sequence[Alert] = ()
    acks: Sequence[tuple[datetime, str]] = ()
    silences: Sequence[Silence] = ()
    runs: Sequence[Run] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """From this instant on it was this version, at this height among all that are shown."""

    at: datetime
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The drawing, in its own units; every text in it is still to be escaped."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    levels: Sequence[dict[str, Any]]
    ticks: Sequence[dict[str, Any]]
    named: str
    out: str
    drifts: Sequence[dict[str, Any]]
    unseen: Sequence[dict[str, Any]]
    silences: Sequence[dict[str, Any]]
    marks: Sequence[dict[str, Any]]
    sentence: str
    series: dict[str, list[Point]]


def drawn(seen: Seen, from_at: datetime, now: datetime) -> Timeline | None:
    """Return the timeline from then until now; None where there is nothing to show.

    What is watched for a shorter time than that is shown from a little before our first look.
    """
    first_at = seen.state.metadata.first_good_at
    if first_at is not None:
        from_at = max(from_at, first_at - (now - first_at) / 12 - timedelta(minutes=1))
    keys = _keys(seen.state)
    named = _within(named_points(seen.named, keys), from_at)
    out = _within(out_points(seen.state.releases.values(), keys), from_at)
    shown = {point.version for point in (*named, *out) if point.version is not None}
    if not shown:
        return None
    return _Drawing(seen, from_at, now, keys, sorted(shown, key=keys)).timeline(named, out)


# --- points --------------------------------------------------------------------------------------


class _Keys:
    """Orders versions by the scheme in force; under `published`, or where one does not parse, by date."""

    def __init__(self, state: TargetState) -> None:
        self._scheme = None if state.scheme is None else scheme_named(state.scheme)
        self._published = {
            release.version: release.published_at or release.first_seen_at
            for release in state.releases.values()
        }

    def __call__(self, version: str) -> Any:
        key = None if self._scheme is None else self._scheme.key(version)
        if key is None or (self._scheme is not None and self._scheme.by_publication):
            at = self._published.get(version)
            return (0, at.timestamp() if at is not None else 0.0, version)
        return (1, key)


def _keys(state: TargetState) -> _Keys:
    return _Keys(state)


def named_points(readings: Iterable[SeenReading], keys: _Keys) -> list[Point]:
    """Return what the metadata named; a failed look changes nothing, for what it names is not known."""
    points: list[Point] = []
    for reading in readings:
        if not isinstance(reading.outcome, Reading):
            continue
        versions = [release.version or release.tag for release in reading.outcome.releases]
        version = max(versions, key=keys, default=None)
        if not points or points[-1].version != version:
            points.append(Point(at=reading.first_at, version=version))
    return points


def out_points(releases: Iterable[SeenRelease], keys: _Keys) -> list[Point]:
    """Return the newest release at each instant, of those that count."""
    counted = sorted(
        (release.published_at or release.first_seen_at, release.version)
        for release in releases
        if release.eligible and release.withdrawn_at is None
    )
    points: list[Point] = []
    for at, version in counted:
        if not points or keys(version) > keys(points[-1].version or ""):
            points.append(Point(at=at, version=version))
    return points


def _within(points: Sequence[Point], from_at: datetime) -> list[Point]:
    """Return the points from then on, and what held at that instant."""
    place = bisect_right([point.at for point in points], from_at)
    before = [Point(at=from_at, version=points[place - 1].version)] if place else []
    return [*before, *points[place:]]


# --- drawing -------------------------------------------------------------------------------------


class _Drawing:
    """Puts instants and versions in their places."""

    def __init__(
        self, seen: Seen, from_at: datetime, now: datetime, keys: _Keys, versions: Sequence[str]
    ) -> None:
        self._seen, self._from_at, self._now, self._keys = seen, from_at, now, keys
        self._places = {version: place for place, version in enumerate(versions)}
        self._bottom = TOP + STEP * max(min(len(versions), MOST_LEVELS) - 1, LEAST_STEPS) + 24
        self._versions = versions

    def timeline(self, named: Sequence[Point], out: Sequence[Point]) -> Timeline:
        drifts = list(self._drifts(named, out))
        return Timeline(
            width=WIDTH,
            height=self._bottom + 26,
            left=LEFT,
            right=RIGHT,
            top=TOP,
            bottom=self._bottom,
            levels=self._levels(),
            ticks=self._ticks(),
            named=self._line(named, 1.5),
            out=self._line(out, -1.5),
            drifts=drifts,
            unseen=list(self._unseen()),
            silences=list(self._silences()),
            marks=sorted(self._marks(), key=lambda mark: float(mark["x"])),
            sentence=self._sentence(named, out, drifts),
            series={"named": list(named), "out": list(out)},
        )

    def _x(self, at: datetime) -> float:
        share = (at - self._from_at) / (self._now - self._from_at)
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0), 1)

    def _y(self, version: str) -> float:
        room = self._bottom - 18 - (TOP + 8)
        share = self._places[version] / max(len(self._versions) - 1, 1)
        return round(self._bottom - 18 - room * share, 1)

    def _levels(self) -> list[dict[str, Any]]:
        every = -(-len(self._versions) // MOST_LEVELS)
        shown = self._versions[::-1][::every]
        return [{"y": self._y(version), "text": version} for version in shown]

    def _ticks(self) -> list[dict[str, Any]]:
        length = self._now - self._from_at
        form = (
            "%H:%M" if length <= timedelta(days=1) else "%d %b" if length <= timedelta(days=31) else "%b %Y"
        )
        instants = [self._from_at + length * part / 6 for part in range(1, 6)]
        return [{"x": self._x(at), "text": f"{at:{form}}"} for at in instants]

    def _line(self, points: Sequence[Point], shift: float) -> str:
        parts: list[str] = []
        for point, after in self._spans(points):
            if point.version is None:
                continue
            y = self._y(point.version) + shift
            parts.append(f"{'L' if parts else 'M'}{self._x(point.at)} {y}H{self._x(after)}")
        return "".join(parts)

    def _spans(self, points: Sequence[Point]) -> Iterator[tuple[Point, datetime]]:
        end = Point(at=self._now, version=None)
        yield from ((point, after.at) for point, after in pairwise((*points, end)))

    def _drifts(self, named: Sequence[Point], out: Sequence[Point]) -> Iterator[dict[str, Any]]:
        begun: datetime | None = None
        parts: list[str] = []
        edges = sorted({point.at for point in (*named, *out)} | {self._now})
        for start, end in pairwise(edges):
            low, high = _at(named, start), _at(out, start)
            is_behind = low is not None and high is not None and self._keys(low) < self._keys(high)
            if is_behind and low is not None and high is not None:
                begun = begun or start
                left, right = self._x(start), self._x(end)
                parts.append(f"M{left} {self._y(low)}V{self._y(high)}H{right}V{self._y(low)}Z")
            if begun is not None and (not is_behind or end == self._now):
                until = end if is_behind else start
                yield {"d": "".join(parts), "text": f"behind for {span(until - begun)}", "for": until - begun}
                begun, parts = None, []

    def _unseen(self) -> Iterator[dict[str, Any]]:
        ended_at: datetime | None = self._from_at
        for run in sorted(self._seen.runs, key=lambda run: run.started_at):
            if ended_at is not None and run.started_at > self._from_at:
                yield from self._gap(ended_at, run.started_at)
            ended_at = max(run.ended_at or run.alive_at, ended_at or run.started_at)

    def _gap(self, from_at: datetime, until_at: datetime) -> Iterator[dict[str, Any]]:
        if until_at - from_at >= SHORTEST_GAP:
            left = self._x(from_at)
            width = round(self._x(until_at) - left, 1)
            yield {"x": left, "width": width, "text": f"not watched for {span(until_at - from_at)}"}

    def _silences(self) -> Iterator[dict[str, Any]]:
        for silence in self._seen.silences:
            if silence.until_at > self._from_at and silence.from_at < self._now:
                left = self._x(silence.from_at)
                width = round(max(self._x(silence.until_at) - left, 3), 1)
                why = f": {silence.comment}" if silence.comment else ""
                yield {"x": left, "width": width, "text": f"silenced by {silence.who}{why}"}

    def _marks(self) -> Iterator[dict[str, Any]]:
        instants: list[tuple[datetime | None, str, str]] = []
        for alert in self._seen.alerts:
            instants.append((alert.fired_at, "fired", f"alert {alert.id} fires: {alert.check}"))
            instants.append((alert.resolved_at, "resolved", f"alert {alert.id} is resolved"))
        instants += [(at, "acked", text) for at, text in self._seen.acks]
        for at, kind, text in instants:
            if at is not None and self._from_at <= at <= self._now:
                yield {"x": self._x(at), "kind": kind, "text": f"{at:%Y-%m-%d %H:%M} UTC: {text}"}

    def _sentence(
        self, named: Sequence[Point], out: Sequence[Point], drifts: Sequence[dict[str, Any]]
    ) -> str:
        last_named = named[-1].version if named else None
        last_out = out[-1].version if out else None
        longest = max((drift["for"] for drift in drifts), default=timedelta(0))
        times = "once" if len(drifts) == 1 else f"{len(drifts)} times"
        behind = f"behind {times}, at most for {span(longest)}" if drifts else "never behind"
        return (
            f"From {self._from_at:%Y-%m-%d %H:%M} to {self._now:%Y-%m-%d %H:%M} UTC: {behind}. "
            f"Now {last_named or 'nothing'} is named and {last_out or 'nothing'} is out."
        )


def _at(points: Sequence[Point], at: datetime) -> str | None:
    place = bisect_right([point.at for point in points], at)
    return points[place - 1].version if place else None

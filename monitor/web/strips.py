"""How each target stood in every hour of the last thirty days, as few stretches as that takes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from monitor.model import Alert, CheckName, TargetState
from monitor.store import Reader
from monitor.web.hands import Hands

HOURS = 30 * 24
HOUR = timedelta(hours=1)
DRAWN_EVERY = timedelta(minutes=1)
UNKNOWN, WELL, LATE, WARNING, FIRING = range(5)
WORDS = ("not watched", "in step", "behind, within the threshold", "an alert other than behind", "behind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hours in a row that were alike: from this hour, counted from thirty days ago, and how many."""

    start: int
    hours: int
    kind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Thirty days of one target, and what they were in one sentence."""

    stretches: tuple[Stretch, ...]
    sentence: str


class Strips:
    """Draws all strips at once, at most once a minute, in a thread."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._lock = asyncio.Lock()
        self._strips: Mapping[str, Strip] = {}
        self._key: object = None
        self.number = 0

    async def now(self, key: object = None) -> Mapping[str, Strip]:
        """Return the strips by target; with another `key` than last time they are drawn anew at once.

        Raises:
            StoreError: the database cannot be read.
        """
        async with self._lock:
            now = self._hands.clock.now()
            wanted = (key, int(now.timestamp() // DRAWN_EVERY.total_seconds()))
            if wanted != self._key:
                self._strips = await asyncio.to_thread(drawn, self._hands.reader, self._hands.states(), now)
                self._key = wanted
                self.number += 1
            return self._strips


def drawn(reader: Reader, states: Mapping[str, TargetState], now: datetime) -> dict[str, Strip]:
    """Return the strip of each of these targets."""
    first_at = _floor(now) - (HOURS - 1) * HOUR
    alerts: dict[str, list[Alert]] = defaultdict(list)
    for alert in reader.alerts():
        if alert.resolved_at is None or alert.resolved_at >= first_at:
            alerts[alert.target].append(alert)
    return {name: _strip(first_at, now, state, alerts[name]) for name, state in states.items()}


def _strip(first_at: datetime, now: datetime, state: TargetState, alerts: Iterable[Alert]) -> Strip:
    kinds = [UNKNOWN] * HOURS
    watched_from = state.metadata.first_good_at
    if watched_from is not None:
        _paint(kinds, first_at, watched_from, now, WELL)
        for begun, ended in _late(state, watched_from, now):
            _paint(kinds, first_at, begun, ended, LATE)
    for alert in alerts:
        is_behind = alert.check is CheckName.BEHIND
        if is_behind:
            _paint(kinds, first_at, alert.since, alert.resolved_at or now, LATE)
        kind = FIRING if is_behind else WARNING
        _paint(kinds, first_at, alert.fired_at or alert.fires_at, alert.resolved_at or now, kind)
    return Strip(stretches=tuple(_stretches(kinds)), sentence=_sentence(kinds))


def _late(state: TargetState, watched_from: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when until when each release was out that the metadata was seen not to name."""
    for release in state.releases.values():
        begun, covered_at = release.published_at or release.first_seen_at, release.covered_at
        was_seen_late = covered_at is None or covered_at > release.first_seen_at
        if release.eligible and begun > watched_from and was_seen_late:
            yield begun, covered_at or now


def _paint(kinds: list[int], first_at: datetime, from_at: datetime, until_at: datetime, kind: int) -> None:
    """Let each hour that the span touches be at least as bad as this."""
    start = max(int((from_at - first_at) // HOUR), 0)
    end = min(int((until_at - first_at) // HOUR), HOURS - 1)
    for hour in range(start, end + 1):
        kinds[hour] = max(kinds[hour], kind)


def _stretches(kinds: Sequence[int]) -> Iterator[Stretch]:
    start = 0
    for kind, hours in groupby(kinds):
        count = len(list(hours))
        if kind != UNKNOWN:
            yield Stretch(start=start, hours=count, kind=kind)
        start += count


def _sentence(kinds: Sequence[int]) -> str:
    counts = [(WORDS[kind], kinds.count(kind)) for kind in (FIRING, WARNING, LATE, WELL)]
    said = ", ".join(f"{word} for {count} h" for word, count in counts if count)
    return f"last 30 days: {said or 'not watched'}"


def _floor(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)

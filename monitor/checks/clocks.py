"""Since when a release is missing, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.checks.board import Board, highest
from monitor.model import NamedRun, SeenRelease, SinceClock

STANDS_AFTER = timedelta(minutes=30)
"""How long a version must have been named before its being named covers anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The instant that one missing release counts from."""

    at: datetime
    is_known_by: SinceClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A stretch that is over, in which everything up to `place` was covered."""

    place: Any
    until_at: datetime


def stood(run: NamedRun, until_at: datetime) -> bool:
    """Return whether a version that was named until then was named for long enough to cover anything."""
    return until_at - run.from_at >= STANDS_AFTER


def covers(runs: Sequence[NamedRun], board: Board) -> tuple[Cover, ...]:
    """Return what the stretches that are over covered; those that covered nothing are not kept in a state."""
    found = []
    for run in runs:
        if run.until_at is None:
            continue
        named = highest(run.listed, board)
        if named is not None:
            found.append(Cover(place=named.place, until_at=run.until_at))
    return tuple(found)


def clock_of(seen: SeenRelease, place: Any, over: Sequence[Cover], now: datetime) -> Clock:
    """Return the clock of a missing release: its publication, or later where we know better."""
    clock = _published(seen, now)
    left = (cover.until_at for cover in over if not cover.place < place)
    for own_at in (seen.lacked_at, seen.eligible_at, *left):
        if own_at is not None and own_at > clock.at:
            clock = Clock(at=own_at, is_known_by=SinceClock.FIRST_SEEN)
    return clock


def _published(seen: SeenRelease, now: datetime) -> Clock:
    if seen.published_at is None or seen.published_at > now:
        return Clock(at=seen.first_seen_at, is_known_by=SinceClock.FIRST_SEEN)
    return Clock(at=seen.published_at, is_known_by=seen.published_is)

"""Propose a threshold: as short as the project's own habits allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.config.durations import written
from monitor.model import CheckName
from monitor.replay.basis import basis
from monitor.replay.histories import Change, History, Progress
from monitor.replay.player import Replay
from monitor.replay.summary import fired_from, percentile, waits_of

CANDIDATES = tuple(
    timedelta(minutes=minutes)
    for minutes in (30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 7200, 10080)
)
IN_TIME_PERCENT = 95
MOST_A_YEAR = 6
FEWEST_RELEASES = 5
_YEAR = timedelta(days=365.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A threshold and why; `told` is how often it would have told of a drift in `watched_for`."""

    threshold: timedelta
    told: int
    watched_for: timedelta
    announced: int
    in_time: int
    p99_for: timedelta | None
    notes: tuple[str, ...] = ()

    @property
    def is_founded(self) -> bool:
        """Whether the history has enough releases to go by."""
        return self.announced >= FEWEST_RELEASES

    @property
    def is_quiet(self) -> bool:
        """Whether it would not have told too often."""
        return self.told * _YEAR <= MOST_A_YEAR * max(self.watched_for, _YEAR)


def suggest(
    history: History, change: Change, progress: Progress = lambda: None, from_at: datetime | None = None
) -> Suggestion:
    """Return the least of the candidates within which 95 % of releases are announced, and that is quiet.

    Quiet is one that tells of a drift at most six times a year. Where even the largest is not, that one is
    returned; where the history has too few releases, the policy's own threshold.
    """
    replay = history.play(change, progress)
    # No threshold changes how long releases waited.
    waits = sorted(waits_of(replay, from_at))
    suggestion = _suggestion(replay, waits, from_at)
    if not suggestion.is_founded:
        return suggestion
    in_time = [each for each in CANDIDATES if _within(each, waits) * 100 >= IN_TIME_PERCENT * len(waits)]
    for threshold in in_time or CANDIDATES[-1:]:
        replay = history.play(_with(threshold, change), progress)
        suggestion = _suggestion(replay, waits, from_at)
        if suggestion.is_quiet:
            break
    return suggestion


def _with(threshold: timedelta, change: Change) -> Change:
    return lambda policy: replace(change(policy), threshold=threshold)


def _within(threshold: timedelta, waits: Sequence[timedelta]) -> int:
    return sum(wait <= threshold for wait in waits)


def _suggestion(replay: Replay, waits: Sequence[timedelta], from_at: datetime | None) -> Suggestion:
    known_at = replay.known_at or replay.until_at
    known_at = max(known_at, from_at or known_at)
    threshold = replay.rules.policy.threshold
    fired = fired_from(replay.alerts, known_at)
    return Suggestion(
        threshold=threshold,
        told=sum(alert.check is CheckName.BEHIND for alert in fired),
        watched_for=replay.until_at - known_at,
        announced=len(waits),
        in_time=_within(threshold, waits),
        p99_for=percentile(waits, 99) if waits else None,
        notes=tuple(basis(replay)),
    )


def key_of(suggestion: Suggestion) -> str:
    """Return the line to put into the configuration."""
    return f'threshold = "{written(suggestion.threshold)}"'

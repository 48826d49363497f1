"""What a history comes to in a few figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from monitor.model import Alert, CheckName, Notification
from monitor.replay.player import Replay, Span
from monitor.replay.releases import Fate, fates_of

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """How long releases waited to be named; a percentile is the wait that so many of them did not exceed."""

    announced: int = 0
    least_for: timedelta | None = None
    median_for: timedelta | None = None
    p90_for: timedelta | None = None
    p95_for: timedelta | None = None
    most_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of `from_at` to `until_at`.

    `drift_for` is how long something was missing, told or not; `longest` the longest such time, which may
    have begun earlier. `in_step` is the share of the time since both sides were known, None where that is no
    time.
    """

    from_at: datetime
    until_at: datetime
    alerts: Mapping[CheckName, int]
    messages: int
    drifts: int
    drift_for: timedelta
    longest: Span | None
    in_step: float | None
    lags: Lags
    superseded: tuple[str, ...]
    waiting: tuple[str, ...]


def summary_of(replay: Replay, from_at: datetime | None = None) -> Summary:
    """Return the figures of a replay, or of its part from this instant on."""
    known_at = replay.known_at or replay.until_at
    from_at = max(known_at, from_at or known_at)
    drifts = [span for span in replay.drifts if _end(span, replay) > from_at]
    drift_for = sum((_end(span, replay) - max(span.from_at, from_at) for span in drifts), ZERO)
    whole = replay.until_at - from_at
    fates = [fate for fate in fates_of(replay.state, replay.until_at) if _is_within(fate, from_at)]
    return Summary(
        from_at=from_at,
        until_at=replay.until_at,
        alerts=Counter(alert.check for alert in fired_from(replay.alerts, from_at)),
        messages=len(sent_from(replay.messages, from_at)),
        drifts=len(drifts),
        drift_for=drift_for,
        longest=max(drifts, key=lambda span: _end(span, replay) - span.from_at, default=None),
        in_step=1 - drift_for / whole if whole > ZERO else None,
        lags=lags_of(waits_of(replay, from_at)),
        superseded=tuple(fate.version for fate in fates if fate.superseded_by is not None),
        waiting=tuple(fate.version for fate in fates if fate.waits),
    )


def waits_of(replay: Replay, from_at: datetime | None = None) -> list[timedelta]:
    """Return how long each release waited that the metadata came to name at this instant or later."""
    return [
        fate.lag_for
        for fate in fates_of(replay.state, replay.until_at)
        if fate.is_announced
        and fate.lag_for is not None
        and (from_at is None or fate.out_at + fate.lag_for >= from_at)
    ]


def fired_from(alerts: Sequence[Alert], from_at: datetime | None) -> tuple[Alert, ...]:
    """Return the alerts that fired at this instant or later."""
    return tuple(
        alert
        for alert in alerts
        if from_at is None or (alert.fired_at is not None and alert.fired_at >= from_at)
    )


def sent_from(messages: Sequence[Notification], from_at: datetime | None) -> tuple[Notification, ...]:
    """Return the messages of this instant or later."""
    return tuple(message for message in messages if from_at is None or message.at >= from_at)


def lags_of(waits: Sequence[timedelta]) -> Lags:
    """Return the figures of these waits."""
    if not waits:
        return Lags()
    rising = sorted(waits)
    middle = len(rising) // 2
    median = rising[middle] if len(rising) % 2 else (rising[middle - 1] + rising[middle]) / 2
    return Lags(
        announced=len(rising),
        least_for=rising[0],
        median_for=median,
        p90_for=percentile(rising, 90),
        p95_for=percentile(rising, 95),
        most_for=rising[-1],
    )


def percentile(rising: Sequence[timedelta], percent: int) -> timedelta:
    """Return the least of these waits, which rise, that so many per cent of them do not exceed."""
    return rising[max(ceil(len(rising) * percent / 100), 1) - 1]


def _end(span: Span, replay: Replay) -> datetime:
    return span.until_at or replay.until_at


def _is_within(fate: Fate, from_at: datetime) -> bool:
    return fate.covered_at is None or fate.covered_at >= from_at

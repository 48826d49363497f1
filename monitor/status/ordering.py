"""Worst first, for every list that people read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.model import AlertState, Severity
from monitor.status.values import AlertStatus, TargetStatus
from monitor.status.words import PLACES, Word

RANKS = {word: rank for rank, word in enumerate(Word)}
STATES = {state: rank for rank, state in enumerate((AlertState.FIRING, AlertState.PENDING))}
SEVERITIES = {Severity.CRITICAL: 0, Severity.WARNING: 1, None: 2}
LAST = datetime.max.replace(tzinfo=UTC)


def worst_first(targets: Iterable[TargetStatus]) -> tuple[TargetStatus, ...]:
    """Return them critical first, then by word, what nobody cares for before what is muted, longest first."""
    return tuple(sorted(targets, key=_badness))


def alerts_worst_first(alerts: Iterable[AlertStatus]) -> tuple[AlertStatus, ...]:
    """Return what fires before what is pending or over; then critical first, and the longest first."""
    return tuple(sorted(alerts, key=_urgency))


def _badness(target: TargetStatus) -> tuple[int, int, bool, datetime, str]:
    return (
        SEVERITIES[target.severity],
        RANKS[target.word],
        target.is_acked or target.is_silenced,
        target.since or LAST,
        target.name,
    )


def _urgency(alert: AlertStatus) -> tuple[int, int, int, datetime, str]:
    return (
        STATES.get(alert.state, len(STATES)),
        SEVERITIES[alert.severity],
        PLACES[alert.check],
        alert.since,
        alert.target,
    )

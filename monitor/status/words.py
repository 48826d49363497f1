"""The one word for how a target stands, and for how the last look at a side went."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from monitor.model import Alert, AlertState, CheckName, Severity, SideState, TargetState


class Word(StrEnum):
    """How a target stands, worst first; what fires has the name of its check."""

    BEHIND = "behind"
    UNLISTED = "unlisted"
    MALFORMED = "malformed"
    UNREACHABLE = "unreachable"
    AMBIGUOUS = "ambiguous"
    BLIND = "blind"
    PENDING = "pending"
    UNKNOWN = "unknown"
    IN_STEP = "in step"


class Look(StrEnum):
    """How the last look at a side went; a failed one has the name of its reason."""

    GOOD = "good"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    LIMITED = "limited"
    MALFORMED = "malformed"
    NEVER = "never looked"


PLACES = {check: place for place, check in enumerate(CheckName)}


def deciding(alerts: Iterable[Alert]) -> Alert | None:
    """Return the alert that the word stands for: the worst that fires, else what fires first."""
    alerts = tuple(alerts)
    firing = [alert for alert in alerts if alert.state is AlertState.FIRING]
    if firing:
        return min(firing, key=lambda alert: (alert.severity is not Severity.CRITICAL, PLACES[alert.check]))
    pending = [alert for alert in alerts if alert.state is AlertState.PENDING]
    return min(pending, key=lambda alert: (alert.fires_at, PLACES[alert.check]), default=None)


def word_of(state: TargetState, alert: Alert | None, *, is_blind: bool) -> Word:
    """Return the word; `alert` is the deciding one. What fires is not forgotten while we are blind."""
    if alert is not None and alert.state is AlertState.FIRING:
        return Word(alert.check.value)
    if is_blind:
        return Word.BLIND
    if alert is not None:
        return Word.PENDING
    if state.metadata.good_at is None or state.releases_side.good_at is None:
        return Word.UNKNOWN
    return Word.IN_STEP


def look_of(side: SideState) -> Look:
    """Return how the last look at this side went; a side whose source has changed was never looked at."""
    if side.looked_at is None:
        return Look.NEVER
    if side.failure is not None:
        return Look(side.failure.reason.value)
    return Look.MALFORMED if side.malformed_at is not None else Look.GOOD

"""Who asked not to be told of what, and how long that holds.

A silence mutes telling, never state; an ack mutes repeats and escalation of one alert.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from monitor.model import Ack, Alert, AlertState, Silence

OVER = frozenset({AlertState.RESOLVED, AlertState.DROPPED})


def concerns(silence: Silence, alert: Alert, labels: Mapping[str, str]) -> bool:
    """Return whether every matcher that is set matches; `labels` are those of the alert's target."""
    if silence.target is not None and silence.target != alert.target:
        return False
    if silence.check is not None and silence.check is not alert.check:
        return False
    return silence.label is None or labels.get(silence.label[0]) == silence.label[1]


def holds(silence: Silence, at: datetime) -> bool:
    """Return whether it mutes at this instant; at `until_at` it no longer does."""
    return silence.from_at <= at < silence.until_at


def muting(
    silences: Iterable[Silence], alert: Alert, labels: Mapping[str, str], at: datetime
) -> tuple[Silence, ...]:
    """Return the silences that mute this alert at this instant."""
    return tuple(silence for silence in silences if holds(silence, at) and concerns(silence, alert, labels))


def missing_of(alert: Alert) -> tuple[str, ...]:
    """Return the releases that the alert is about today; for one that is held, those that it was about."""
    if alert.finding is None:
        return alert.missing
    return alert.finding.missing


def ack_of(alert: Alert, *, at: datetime, who: str, comment: str = "") -> Ack:
    """Return the ack that mutes this alert until its missing set gains a release.

    Raises ValueError where the alert has no number, since it has never fired.
    """
    if alert.id is None:
        raise ValueError(f"the {alert.check} alert of {alert.target} has not fired: there is nothing to ack")
    return Ack(alert_id=alert.id, at=at, who=who, comment=comment, missing=missing_of(alert))


def gained(ack: Ack, alert: Alert) -> tuple[str, ...]:
    """Return the releases that the missing set has gained since the ack was given."""
    return tuple(tag for tag in missing_of(alert) if tag not in ack.missing)


def has_ended(ack: Ack, alert: Alert) -> bool:
    """Return whether an ack of this alert mutes nothing any more: it is over, or about more than then."""
    return alert.state in OVER or bool(gained(ack, alert))


def ack_in_force(alert: Alert, acks: Iterable[Ack]) -> Ack | None:
    """Return the newest ack that mutes this alert now."""
    standing = [ack for ack in acks if ack.alert_id == alert.id and not has_ended(ack, alert)]
    return max(standing, key=lambda ack: ack.at, default=None)


def ended(acks: Collection[Ack], alerts: Sequence[Alert]) -> tuple[Ack, ...]:
    """Return the acks that have ended by what their alert is now; an ack of no alert given here stays out."""
    by_id = {alert.id: alert for alert in alerts}
    return tuple(ack for ack in acks if ack.alert_id in by_id and has_ended(ack, by_id[ack.alert_id]))

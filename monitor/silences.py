"""Who asked not to be told of what, and how long that holds.

A silence mutes telling, never state; an ack mutes repeats and escalation of one alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from monitor.model import Ack, Alert, Silence


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
    """Return the releases that the alert is about today; where it is held or over, all that it was about."""
    if alert.finding is not None and alert.held is None:
        return alert.finding.missing
    return tuple(dict.fromkeys((*alert.missing, *alert.fired_for)))


def ack_of(alert: Alert, *, at: datetime, who: str, comment: str = "") -> Ack:
    """Return the ack that mutes this alert until its missing set gains a release.

    Raises ValueError where the alert has no number, since it has never fired.
    """
    if alert.id is None:
        raise ValueError(f"the {alert.check} alert of {alert.target} has not fired: there is nothing to ack")
    return Ack(alert_id=alert.id, at=at, who=who, comment=comment, missing=missing_of(alert))


def gained(ack: Ack, alert: Alert) -> tuple[str, ...]:
    """Return the releases that the missing set has gained since the ack; none while it is held or over."""
    if alert.finding is None or alert.held is not None:
        return ()
    return tuple(tag for tag in alert.finding.missing if tag not in ack.missing)


def has_ended(ack: Ack, alert: Alert) -> bool:
    """Return whether an ack of this alert mutes nothing any more, since more is missing than was acked.

    The end of an alert needs no asking: nothing is left to mute, and one that comes back within
    `keep_firing_for` is still acked.
    """
    return bool(gained(ack, alert))


def ack_in_force(alert: Alert, acks: Iterable[Ack]) -> Ack | None:
    """Return the newest ack that mutes this alert now."""
    standing = [ack for ack in acks if ack.alert_id == alert.id and not has_ended(ack, alert)]
    return max(standing, key=lambda ack: ack.at, default=None)


def ended(acks: Iterable[Ack], alerts: Sequence[Alert]) -> tuple[Ack, ...]:
    """Return the acks that have ended by what their alert is about now; others of no alert given stay out."""
    by_id = {alert.id: alert for alert in alerts}
    return tuple(ack for ack in acks if ack.alert_id in by_id and has_ended(ack, by_id[ack.alert_id]))

"""What a receiver has been told, once a notification is queued and once it is delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.dispatch.pair import ENDS
from monitor.model import Notification, Told

# Seconds spent on sending must not add up: repeats keep the hour of the first, unless it really came late.
PROMPT = timedelta(minutes=1)


def recorded(told: Sequence[Told], notifications: Iterable[Notification]) -> Sequence[Told]:
    """Return what each receiver was last told once these are queued; one value a (alert, receiver)."""
    last = {(one.alert_id, one.receiver): one for one in told}
    for notification in notifications:
        key = (notification.alert_id, notification.receiver)
        last[key] = after(last.get(key), notification)
    return tuple(last.values())


def after(before: Told | None, notification: Notification) -> Told:
    """Return what the receiver of this notification has been told once it is queued."""
    goes_on = before is not None and before.reason not in ENDS and before.delivered
    return Told(
        alert_id=notification.alert_id,
        receiver=notification.receiver,
        reason=notification.reason,
        at=notification.at,
        severity=notification.severity,
        repeats=notification.repeats,
        queued=True,
        delivered=goes_on,
        missing=notification.missing,
    )


def told_at(queued_at: datetime, delivered_at: datetime | None) -> datetime:
    """Return the instant that the next repeat counts from: of queueing, or of a delivery that came late."""
    if delivered_at is None or delivered_at - queued_at <= PROMPT:
        return queued_at
    return delivered_at


def delivered(told: Told, at: datetime) -> Told:
    """Return what the receiver has been told once its last message has arrived."""
    return replace(told, queued=False, delivered=True, at=told_at(told.at, at))

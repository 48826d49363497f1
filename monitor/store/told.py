"""What each receiver was last told of each alert, and which alerts still have something to tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from monitor import dispatch
from monitor.model import Alert, AlertState, TellReason, Told
from monitor.store import names
from monitor.store.acks import end_of_alerts
from monitor.store.alerts import alerts, named
from monitor.store.deliveries import Delivery, read
from monitor.store.packing import from_json
from monitor.store.transaction import Transaction

# Undelivered is not told, nor is what was taken out of the queue.
TELLS = ("queued", "sending", "delivered")
OVER = frozenset({AlertState.RESOLVED, AlertState.DROPPED})
ENDS = frozenset({TellReason.RESOLVED, TellReason.DROPPED})


def told(connection: Connection, alert_ids: Collection[int] | None = None) -> tuple[Told, ...]:
    """Return one value for each (alert, receiver) with a message delivered or queued.

    Without `alert_ids` of all alerts that are live.
    """
    if alert_ids is None:
        alert_ids = list(connection.scalars(select(alerts.c.id).where(alerts.c.is_live)))
    last: dict[tuple[int, str], Told] = {}
    for row in reversed(read(connection, alert_ids=alert_ids, states=TELLS)):
        _note(last, row)
    return tuple(last.values())


def _note(last: dict[tuple[int, str], Told], row: Delivery) -> None:
    key = (row.notification.alert_id, row.notification.receiver)
    before = (last[key],) if key in last else ()
    (now,) = dispatch.recorded(before, (row.notification,))
    if row.state == "delivered":
        now = dispatch.delivered(now, row.last_attempt_at or row.notification.at)
    last[key] = now


def live(tx: Transaction, target: str | None, now: datetime) -> tuple[Alert, ...]:
    """Return the alerts that go on, and those whose end somebody has still to be told of; oldest first.

    One that is over and told is marked, and not asked after again.
    """
    query = (
        select(alerts.c.body, names.targets.c.name)
        .join_from(alerts, names.targets)
        .where(alerts.c.is_live)
        .order_by(alerts.c.id)
    )
    if target is not None:
        query = query.where(names.targets.c.name == target)
    found = [named(from_json(body, Alert), name) for body, name in tx.connection.execute(query)]
    over = [alert for alert in found if alert.state in OVER]
    if not over:
        return tuple(found)
    done = _told_of_end(tx, over)
    tx.connection.execute(update(alerts).where(alerts.c.id.in_(done)).values(is_live=False))
    end_of_alerts(tx, done, now)
    return tuple(alert for alert in found if alert.id not in done)


def _told_of_end(tx: Transaction, over: Iterable[Alert]) -> frozenset[int]:
    ids = frozenset(alert.id for alert in over if alert.id is not None)
    waiting = {one.alert_id for one in told(tx.connection, ids) if one.reason not in ENDS}
    return ids - waiting

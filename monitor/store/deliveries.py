"""Table `deliveries`: the outbox, and the log of what it sent.

A row is `queued`, `sending`, `delivered`, `undelivered` (given up), `replaced` (by one that says both that it
fired and that it is over) or `dropped` (its receiver was removed, or its alert before anybody heard of it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from monitor.model import AlertState, CheckName, Notification, Severity, TellReason
from monitor.store import names
from monitor.store.alerts import alerts
from monitor.store.instants import Instant, Key
from monitor.store.packing import text_tuple, to_text
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction

# No back-off is longer than a day: what waits for longer was written by a clock that was wrong.
LONGEST_WAIT = timedelta(hours=25)
OPEN = ("queued", "sending")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("alert_id", Integer, ForeignKey("alerts.id"), nullable=False),
    Column("receiver_id", Integer, ForeignKey("receivers.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_attempt_at", Instant),
    Column("last_attempt_at", Instant),
    Column("sentence", Text, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("replaces_first", Boolean, nullable=False),
    Column("missing", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_deliveries_alert_id_receiver_id", "alert_id", "receiver_id"),
    Index("ix_deliveries_state_receiver_id_alert_id", "state", "receiver_id", "alert_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the outbox: `attempts` were made, the first and the last of them at these instants."""

    id: int
    notification: Notification
    state: str
    attempts: int
    next_at: datetime
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    sentence: str


def queue(tx: Transaction, notifications: Iterable[Notification]) -> None:
    """Add one row each, due at once; what `replaces_first` replaces what is queued of its pair."""
    for notification in notifications:
        receiver_id = names.receiver_id(tx, notification.receiver)
        result = tx.connection.execute(
            insert(deliveries).values(
                at=notification.at,
                alert_id=notification.alert_id,
                receiver_id=receiver_id,
                reason=notification.reason.value,
                severity=notification.severity.value,
                state="queued",
                next_at=notification.at,
                attempts=0,
                sentence="",
                repeats=notification.repeats,
                replaces_first=notification.replaces_first,
                missing=to_text(notification.missing),
                title=notification.title,
                body=notification.body,
            )
        )
        if notification.replaces_first:
            _tidy(tx, alert_id=notification.alert_id)
        del result


def claim(tx: Transaction, now: datetime, receivers: Collection[str]) -> Sequence[Delivery]:
    """Mark as sending, and return by id, the oldest open row of each pair that is queued and due."""
    heads = (
        select(func.min(deliveries.c.id))
        .where(deliveries.c.receiver_id.in_(_ids(tx, receivers)), deliveries.c.state.in_(OPEN))
        .group_by(deliveries.c.receiver_id, deliveries.c.alert_id)
    )
    is_due = or_(deliveries.c.next_at <= now, deliveries.c.next_at > now + LONGEST_WAIT)
    query = _rows().where(deliveries.c.id.in_(heads), deliveries.c.state == "queued", is_due)
    rows = tx.connection.execute(query.order_by(deliveries.c.id)).all()
    if rows:
        _set(tx, [row.id for row in rows], "queued", state="sending")
    return tuple(_delivery(row) for row in rows)


def next_at(tx: Transaction, receivers: Collection[str]) -> datetime | None:
    """Return the earliest instant at which a queued row of these receivers is due."""
    earliest = select(func.min(deliveries.c.next_at)).where(
        deliveries.c.receiver_id.in_(_ids(tx, receivers)), deliveries.c.state == "queued"
    )
    found: datetime | None = tx.connection.execute(earliest).scalar_one()
    return found


def attempted(
    tx: Transaction,
    ids: Sequence[int],
    now: datetime,
    *,
    state: str,
    sentence: str = "",
    next_at: datetime | None = None,
) -> None:
    """Note an attempt at these rows, and the state they are in after it."""
    values: dict[str, Any] = {
        "state": state,
        "sentence": sentence,
        "attempts": deliveries.c.attempts + 1,
        "first_attempt_at": func.coalesce(deliveries.c.first_attempt_at, literal(now, Instant())),
        "last_attempt_at": now,
    }
    if next_at is not None:
        values["next_at"] = next_at
    tx.connection.execute(
        update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state.in_(OPEN)).values(values)
    )
    if state == "queued":
        _tidy(tx)


def postpone(tx: Transaction, ids: Sequence[int], next_at: datetime) -> None:
    """Queue again those that are still being sent, as if never attempted."""
    _set(tx, ids, "sending", state="queued", next_at=next_at)
    _tidy(tx)


def requeue_sending(tx: Transaction) -> None:
    """Queue again all that is being sent."""
    tx.connection.execute(update(deliveries).where(deliveries.c.state == "sending").values(state="queued"))
    _tidy(tx)


def drop_receivers_except(tx: Transaction, receivers: Collection[str]) -> None:
    """Drop what is open for any other receiver."""
    tx.connection.execute(
        update(deliveries)
        .where(deliveries.c.state.in_(OPEN), deliveries.c.receiver_id.not_in(_ids(tx, receivers)))
        .values(state="dropped")
    )


def hurry(tx: Transaction, receivers: Collection[str], now: datetime) -> None:
    """Make what is queued for these receivers due now."""
    tx.connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "queued", deliveries.c.receiver_id.in_(_ids(tx, receivers)))
        .values(next_at=now)
    )


def discard_unheard(tx: Transaction) -> None:
    """Drop what is queued of alerts that were dropped before the receiver heard of them."""
    _tidy(tx)


def _tidy(tx: Transaction, *, alert_id: int | None = None) -> None:
    """Take out of the queue what a younger row replaces, and what nobody needs to hear any more.

    A row that is being sent is left alone: if it fails it is queued again, and comes by here then.
    """
    younger = deliveries.alias("younger")
    is_replaced = exists().where(
        younger.c.alert_id == deliveries.c.alert_id,
        younger.c.receiver_id == deliveries.c.receiver_id,
        younger.c.id > deliveries.c.id,
        younger.c.replaces_first,
        younger.c.state.in_(OPEN),
    )
    heard = deliveries.alias("heard")
    is_heard = exists().where(
        heard.c.alert_id == deliveries.c.alert_id,
        heard.c.receiver_id == deliveries.c.receiver_id,
        heard.c.state.in_(("delivered", "sending")),
    )
    is_over = exists().where(alerts.c.id == deliveries.c.alert_id, alerts.c.state == AlertState.DROPPED.value)
    waits = deliveries.c.state == "queued"
    if alert_id is not None:
        waits = and_(waits, deliveries.c.alert_id == alert_id)
    for state, holds in (("replaced", is_replaced), ("dropped", and_(is_over, ~is_heard))):
        tx.connection.execute(update(deliveries).where(waits, holds).values(state=state))


def _ids(tx: Transaction, receivers: Collection[str]) -> list[int]:
    return [id_ for name in receivers if (id_ := tx.memory.receivers.get(name)) is not None]


def _set(tx: Transaction, ids: Sequence[int], was: str, **values: Any) -> None:
    tx.connection.execute(
        update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state == was).values(**values)
    )


def _rows() -> Select[Any]:
    return (
        select(
            deliveries,
            alerts.c.check,
            names.targets.c.name.label("target"),
            names.receivers.c.name.label("receiver"),
        )
        .join_from(deliveries, alerts)
        .join(names.targets, names.targets.c.id == alerts.c.target_id)
        .join(names.receivers, names.receivers.c.id == deliveries.c.receiver_id)
    )


def read(
    connection: Connection,
    *,
    alert_ids: Collection[int] | None = None,
    receiver: str | None = None,
    states: Collection[str] | None = None,
    before_id: int | None = None,
    most: int | None = None,
) -> tuple[Delivery, ...]:
    """Return rows, newest first."""
    query = _rows().order_by(deliveries.c.id.desc()).limit(most)
    if before_id is not None:
        query = query.where(deliveries.c.id < before_id)
    if alert_ids is not None:
        query = query.where(deliveries.c.alert_id.in_(alert_ids))
    if receiver is not None:
        query = query.where(names.receivers.c.name == receiver)
    if states is not None:
        query = query.where(deliveries.c.state.in_(states))
    return tuple(_delivery(row) for row in connection.execute(query))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        first_attempt_at=row.first_attempt_at,
        last_attempt_at=row.last_attempt_at,
        sentence=row.sentence,
        notification=Notification(
            alert_id=row.alert_id,
            target=row.target,
            check=CheckName(row.check),
            receiver=row.receiver,
            reason=TellReason(row.reason),
            severity=Severity(row.severity),
            at=row.at,
            title=row.title,
            body=row.body,
            missing=text_tuple(row.missing),
            repeats=row.repeats,
            replaces_first=row.replaces_first,
        ),
    )

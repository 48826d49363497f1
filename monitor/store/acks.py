"""Table `acks`: who said of which alert that they know."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    insert,
    select,
    text,
    update,
)

from monitor.errors import StoreError
from monitor.model import Ack, Event, EventKind
from monitor.store import alerts
from monitor.store.instants import Instant, Key
from monitor.store.packing import text_tuple, to_text
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction

_STANDS = text("ended_at IS NULL")

acks = Table(
    "acks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("alert_id", Integer, ForeignKey("alerts.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("missing", Text, nullable=False),
    Column("ended_at", Instant),
    Index("ix_acks_standing", "alert_id", sqlite_where=_STANDS, postgresql_where=_STANDS),
)


def add(tx: Transaction, ack: Ack) -> None:
    """Write the ack, in place of one that stands, with its event.

    Raises:
        StoreError: there is no such alert.

    """
    _note(
        tx,
        Event(
            kind=EventKind.ACKED,
            target="",
            at=ack.at,
            alert_id=ack.alert_id,
            sentence=": ".join(part for part in (ack.who, ack.comment) if part),
        ),
    )
    end_of_alerts(tx, (ack.alert_id,), ack.at)
    tx.connection.execute(
        insert(acks).values(
            alert_id=ack.alert_id,
            at=ack.at,
            who=ack.who,
            comment=ack.comment,
            missing=to_text(ack.missing),
        )
    )


def end(tx: Transaction, alert_id: int, at: datetime, who: str = "") -> bool:
    """End the ack of this alert, with its event; returns whether one stood."""
    if not end_of_alerts(tx, (alert_id,), at):
        return False
    _note(tx, Event(kind=EventKind.UNACKED, target="", at=at, alert_id=alert_id, sentence=who))
    return True


def end_of_alerts(tx: Transaction, alert_ids: Collection[int], at: datetime) -> bool:
    """End the acks of these alerts without a word; returns whether any stood."""
    ended = tx.connection.execute(
        update(acks).where(acks.c.alert_id.in_(alert_ids), acks.c.ended_at.is_(None)).values(ended_at=at)
    )
    return ended.rowcount > 0


def _note(tx: Transaction, event: Event) -> None:
    found = alerts.read(tx.connection, ids=(event.alert_id or 0,))
    if not found:
        raise StoreError(f"there is no alert {event.alert_id}; `tagdrift alerts --all` lists them")
    event = replace(event, target=found[0].target, check=found[0].check)
    alerts.add_events(tx, (event,), event.at)


def standing(connection: Connection) -> tuple[Ack, ...]:
    """Return the acks that have not been ended, oldest first."""
    query = select(acks).where(acks.c.ended_at.is_(None)).order_by(acks.c.id)
    return tuple(
        Ack(
            alert_id=row.alert_id,
            at=row.at,
            who=row.who,
            comment=row.comment,
            missing=text_tuple(row.missing),
        )
        for row in connection.execute(query)
    )

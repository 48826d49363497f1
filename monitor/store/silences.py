"""Table `silences`: who asked not to be told of what, until when and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Column, Connection, Index, Table, Text, insert, select, update

from monitor.model import CheckName, Silence
from monitor.store.instants import Instant, Key
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction, inserted_id

silences = Table(
    "silences",
    metadata,
    Column("id", Key, primary_key=True),
    Column("from_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("target", Text),
    Column("label_name", Text),
    Column("label_value", Text),
    Column("check", Text),
    Index("ix_silences_until_at", "until_at"),
)


def add(tx: Transaction, silence: Silence) -> Silence:
    """Write the silence and return it with its number; the one it came with is not looked at."""
    name, value = silence.label or (None, None)
    result = tx.connection.execute(
        insert(silences).values(
            from_at=silence.from_at,
            until_at=silence.until_at,
            who=silence.who,
            comment=silence.comment,
            target=silence.target,
            label_name=name,
            label_value=value,
            check=None if silence.check is None else silence.check.value,
        )
    )
    return replace(silence, id=inserted_id(result))


def end(tx: Transaction, silence_id: int, at: datetime) -> bool:
    """Let the silence end now; returns whether it was in force or to come."""
    ended = tx.connection.execute(
        update(silences).where(silences.c.id == silence_id, silences.c.until_at > at).values(until_at=at)
    )
    return ended.rowcount > 0


def standing(connection: Connection, now: datetime) -> tuple[Silence, ...]:
    """Return the silences in force or to come."""
    return _read(connection, now)


def read(connection: Connection) -> tuple[Silence, ...]:
    """Return all there ever were."""
    return _read(connection, None)


def _read(connection: Connection, now: datetime | None) -> tuple[Silence, ...]:
    query = select(silences).order_by(silences.c.id)
    if now is not None:
        query = query.where(silences.c.until_at > now)
    return tuple(
        Silence(
            id=row.id,
            from_at=row.from_at,
            until_at=row.until_at,
            who=row.who,
            comment=row.comment,
            target=row.target,
            label=None if row.label_name is None else (row.label_name, row.label_value),
            check=None if row.check is None else CheckName(row.check),
        )
        for row in connection.execute(query)
    )

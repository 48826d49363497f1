"""Table `limits`: until when each host asked to be left alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Table, Text, delete, select

from monitor.store.instants import Instant
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction
from monitor.store.upserting import upsert

limits = Table(
    "limits",
    metadata,
    Column("host", Text, primary_key=True),
    Column("until_at", Instant, nullable=False),
)


_UPSERT = upsert(limits, by=("host",))


def hold(tx: Transaction, host: str, until_at: datetime) -> None:
    """Keep this in place of what was there."""
    tx.connection.execute(_UPSERT, {"host": host, "until_at": until_at})


def load(connection: Connection) -> dict[str, datetime]:
    """Return all of them, past ones included."""
    return dict(connection.execute(select(limits.c.host, limits.c.until_at)).all())


def prune(tx: Transaction, before: datetime) -> None:
    """Forget those that were over before this instant."""
    tx.connection.execute(delete(limits).where(limits.c.until_at < before))

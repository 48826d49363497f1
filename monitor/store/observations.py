"""Table `observations`: one append-only row a look, in time order, with no index but time.

The instant is the row id, so that a span of time is found at once and a row stays under 40 bytes. Two looks
that ended in the same microsecond are written a microsecond apart.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    delete,
    func,
    insert,
    select,
)

from monitor.model import Observation
from monitor.store.gathered import write_rows
from monitor.store.instants import Key, to_us
from monitor.store.memory import Memory, Row
from monitor.store.packing import bounded, how
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction

observations = Table(
    "observations",
    metadata,
    Column("at", Key, primary_key=True, autoincrement=False),
    Column("target_id", Integer, ForeignKey("targets.id"), nullable=False),
    Column("how", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("reading_id", Integer, ForeignKey("readings.id"), nullable=False),
    Column("cache_age", Integer),
)

_INSERT = insert(observations)
_MOST_HINTS = 1000


def load(connection: Connection, memory: Memory) -> None:
    """Remember how far the rows go."""
    newest = connection.scalar(select(func.max(observations.c.at))) or 0
    memory.counters.set("last_at", newest)
    memory.counters.set("written_at", newest)


def record(tx: Transaction, observation: Observation, target_id: int, reading_id: int) -> None:
    """Gather the row of this look; it is written when the transaction ends."""
    got = observation.got
    age = got.cache_age_for
    at = _free(tx, to_us(observation.at))
    row: Row = (
        at,
        target_id,
        how(observation),
        bounded(got.status),
        bounded(got.latency_for.total_seconds() * 1000),
        bounded(got.received),
        reading_id,
        None if age is None else bounded(age.total_seconds()),
    )
    tx.memory.unwritten_rows.set(at, row)
    tx.memory.counters.set("last_at", max(at, tx.memory.counters.get("last_at") or 0))


def _free(tx: Transaction, at: int) -> int:
    """Return the instant, or the next one that no row has."""
    last = tx.memory.counters.get("last_at")
    if last is None or at > last:
        return at
    asked = at
    at = tx.memory.next_free.get(asked, asked)
    written = tx.memory.counters.get("written_at") or 0
    # What is newer than all that is in the file need not be asked for there.
    while tx.memory.unwritten_rows.get(at) is not None or (at <= written and _is_taken(tx.connection, at)):
        at += 1
    if len(tx.memory.next_free) >= _MOST_HINTS:
        tx.memory.next_free.clear()
    tx.memory.next_free[asked] = at + 1
    return at


def _is_taken(connection: Connection, at: int) -> bool:
    found = connection.execute(select(observations.c.at).where(observations.c.at == at)).first()
    return found is not None


def write(connection: Connection, memory: Memory) -> None:
    """Write the gathered rows, oldest first."""
    rows = sorted(memory.unwritten_rows.values())
    if rows:
        memory.counters.set("written_at", max(rows[-1][0], memory.counters.get("written_at") or 0))
    write_rows(connection, _INSERT, rows)
    memory.unwritten_rows.clear()


def prune(connection: Connection, before: datetime, most: int) -> int:
    """Delete at most this many rows from before the instant; returns how many went."""
    oldest = (
        select(observations.c.at)
        .where(observations.c.at < to_us(before))
        .order_by(observations.c.at)
        .limit(most)
    )
    return connection.execute(delete(observations).where(observations.c.at.in_(oldest))).rowcount

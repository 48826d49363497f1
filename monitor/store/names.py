"""Tables `targets` and `receivers`: each name once, everything else refers to it by number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, bindparam, insert, select, update

from monitor.store.instants import Instant, Key
from monitor.store.memory import Memory, Remembered
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction, inserted_id

targets = Table(
    "targets",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("first_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

receivers = Table(
    "receivers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)


_REVIVE = (
    update(targets)
    .where(targets.c.name == bindparam("wanted"), targets.c.retired_at.is_not(None))
    .values(retired_at=None)
)


def load(connection: Connection, memory: Memory) -> None:
    """Remember all names."""
    for table, remembered in ((targets, memory.targets), (receivers, memory.receivers)):
        for id_, name in connection.execute(select(table.c.id, table.c.name)):
            remembered.set(name, id_)


def target_id(tx: Transaction, name: str, at: datetime) -> int:
    """Return the number of this target, giving it one if it has none."""
    known = tx.memory.targets.get(name)
    return (
        known
        if known is not None
        else _new_id(tx, tx.memory.targets, targets, {"name": name, "first_at": at})
    )


def receiver_id(tx: Transaction, name: str) -> int:
    """Return the number of this receiver, giving it one if it has none."""
    known = tx.memory.receivers.get(name)
    return known if known is not None else _new_id(tx, tx.memory.receivers, receivers, {"name": name})


def _new_id(tx: Transaction, remembered: Remembered[str, int], table: Table, row: dict[str, Any]) -> int:
    """Return the number of a name that is not remembered; a command may have given it one beside us."""
    given = tx.connection.scalar(select(table.c.id).where(table.c.name == row["name"]))
    new = inserted_id(tx.connection.execute(insert(table), row)) if given is None else int(given)
    remembered.set(row["name"], new)
    return new


def retire(tx: Transaction, name: str, now: datetime) -> None:
    """Keep the target's history, but watch it no more."""
    tx.connection.execute(
        update(targets).where(targets.c.name == name, targets.c.retired_at.is_(None)).values(retired_at=now)
    )


def revive(tx: Transaction, name: str) -> None:
    """Watch it again, if it was retired."""
    tx.connection.execute(_REVIVE, {"wanted": name})


def rename(tx: Transaction, old: str, new: str) -> bool:
    """Give the history of `old` to `new`; returns whether there was anything to do.

    A `was` stays in the configuration after it has done its work: where `new` is known, nothing is done.
    """
    known = tx.memory.targets.get(old)
    if known is None or tx.memory.targets.get(new) is not None:
        return False
    tx.connection.execute(update(targets).where(targets.c.id == known).values(name=new, retired_at=None))
    tx.memory.targets.drop(old)
    tx.memory.targets.set(new, known)
    return True


def names_of(connection: Connection, table: Table) -> Mapping[int, str]:
    """Return the names of `targets` or `receivers` by number."""
    return dict(connection.execute(select(table.c.id, table.c.name).order_by(table.c.id)).all())

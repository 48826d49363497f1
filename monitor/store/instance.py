"""Table `instance`: one row that tells this database from any other, and how far it has come.

`sequence` grows with each commit of the daemon and is kept beside the file too; `visits` grows with each
commit of a command, and tells the daemon that somebody else has written.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import CheckConstraint, Column, Connection, Table, Text, select, update

from monitor.store.instants import Key
from monitor.store.schema import metadata

instance = Table(
    "instance",
    metadata,
    Column("id", Key, CheckConstraint("id = 1", name="single"), primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("sequence", Key, nullable=False),
    Column("visits", Key, nullable=False),
)

_READ = select(instance.c.name, instance.c.sequence, instance.c.visits)
_STEP = update(instance).values(sequence=instance.c.sequence + 1).returning(instance.c.sequence)
_VISIT = update(instance).values(sequence=instance.c.sequence + 1, visits=instance.c.visits + 1)


class Instance(NamedTuple):
    """Which database this is, and how far it has come."""

    name: str
    sequence: int
    visits: int


def read(connection: Connection) -> Instance:
    """Return the row, which was looked for when the database was opened."""
    return Instance(*connection.execute(_READ).one())


def step(connection: Connection) -> int:
    """Count one commit of the daemon; returns the sequence."""
    return int(connection.execute(_STEP).scalar_one())


def visit(connection: Connection) -> None:
    """Count one commit of a command."""
    connection.execute(_VISIT)

"""Tables `runs`, `policies` and `config_loads`: when the daemon was up, and under which policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    insert,
    select,
    update,
)

from monitor.store.instants import Instant, Key
from monitor.store.packing import from_blob, to_blob
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction, inserted_id
from monitor.store.upserting import insert_new

runs = Table(
    "runs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("alive_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("pid", Integer, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Key, primary_key=True),
    Column("version", Text, nullable=False, unique=True),
    # What the version stands for, as JSON without secrets; empty where it was not given.
    Column("body", LargeBinary, nullable=False),
)

config_loads = Table(
    "config_loads",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("at", Instant, nullable=False),
    # None where the configuration was refused, and the one before goes on.
    Column("policy_id", Integer, ForeignKey("policies.id")),
    Column("sentence", Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that has begun; `down_from_at` is the last sign of life of the one before, None for the first."""

    id: int
    down_from_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A time in which the daemon was up; `ended_at` is None where it goes on, or did not live to write it."""

    id: int
    started_at: datetime
    alive_at: datetime
    ended_at: datetime | None
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigLoad:
    """What came of reading the configuration; `policy` is its version, None where it was refused.

    `id` rises with each: who waits for a reload waits for one above the last it saw.
    """

    id: int
    run_id: int
    at: datetime
    policy: str | None
    sentence: str


def begin(tx: Transaction, now: datetime, *, pid: int, policy: str, policy_body: str) -> Begun:
    """Begin a run under this policy."""
    last = tx.connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).first()
    result = tx.connection.execute(insert(runs).values(started_at=now, alive_at=now, pid=pid))
    id_ = inserted_id(result)
    note_config(tx, id_, now, sentence="started", policy=policy, policy_body=policy_body)
    return Begun(id=id_, down_from_at=None if last is None else last.ended_at or last.alive_at)


def alive(tx: Transaction, run_id: int, now: datetime) -> None:
    """Note a sign of life."""
    tx.connection.execute(update(runs).where(runs.c.id == run_id).values(alive_at=now))


def end(tx: Transaction, run_id: int, now: datetime) -> None:
    """Note that the run has ended as it should."""
    tx.connection.execute(update(runs).where(runs.c.id == run_id).values(alive_at=now, ended_at=now))


def note_config(
    tx: Transaction, run_id: int, now: datetime, *, sentence: str, policy: str | None, policy_body: str
) -> int:
    """Note what came of reading the configuration; returns the number of the note."""
    policy_id = None if policy is None else _policy_id(tx, policy, policy_body)
    return inserted_id(
        tx.connection.execute(
            insert(config_loads).values(run_id=run_id, at=now, policy_id=policy_id, sentence=sentence)
        )
    )


def _policy_id(tx: Transaction, version: str, body: str) -> int:
    tx.connection.execute(insert_new(policies), {"version": version, "body": to_blob(body.encode())})
    found = tx.connection.execute(select(policies.c.id).where(policies.c.version == version))
    return int(found.scalar_one())


def read(connection: Connection, most: int | None = None) -> tuple[Run, ...]:
    """Return the runs, newest first."""
    query = select(runs).order_by(runs.c.id.desc()).limit(most)
    return tuple(Run(**row) for row in connection.execute(query).mappings())


def read_loads(connection: Connection, after: int = 0) -> tuple[ConfigLoad, ...]:
    """Return what came of reading the configuration after this note, oldest first."""
    query = (
        select(
            config_loads.c.id,
            config_loads.c.run_id,
            config_loads.c.at,
            policies.c.version.label("policy"),
            config_loads.c.sentence,
        )
        .join_from(config_loads, policies, isouter=True)
        .where(config_loads.c.id > after)
        .order_by(config_loads.c.id)
    )
    return tuple(ConfigLoad(**row) for row in connection.execute(query).mappings())


def read_policy(connection: Connection, version: str) -> str | None:
    """Return the JSON of this version; None where it was never in force."""
    body = connection.scalar(select(policies.c.body).where(policies.c.version == version))
    return None if body is None else from_blob(body).decode()

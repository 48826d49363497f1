"""Tables `alerts` and `events`: each alert that has fired, and every edge in the life of any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    insert,
    select,
)

from monitor.model import Alert, AlertState, CheckName, Event, EventKind
from monitor.store import names
from monitor.store.instants import Instant, Key
from monitor.store.memory import Memory
from monitor.store.packing import SIDES, from_json, side_code, to_text
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction
from monitor.store.upserting import upsert

alerts = Table(
    "alerts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("target_id", Integer, ForeignKey("targets.id"), nullable=False),
    Column("check", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("since_is", Text, nullable=False),
    Column("fired_at", Instant),
    Column("resolved_at", Instant),
    Column("named", Text),
    Column("newest", Text),
    Column("missing", Integer, nullable=False),
    Column("body", Text, nullable=False),
    # False once it is over and everybody who was told of it has been told so.
    Column("is_live", Boolean, nullable=False),
    Index("ix_alerts_target_id", "target_id"),
    Index("ix_alerts_is_live_target_id", "is_live", "target_id"),
)

events = Table(
    "events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("target_id", Integer, ForeignKey("targets.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("check", Text),
    Column("alert_id", Integer),
    Column("side", SmallInteger),
    Column("sentence", Text, nullable=False),
    Index("ix_events_target_id", "target_id"),
)


def load(connection: Connection, memory: Memory) -> None:
    """Remember the last number given."""
    memory.counters.set("alert_id", connection.scalar(select(func.max(alerts.c.id))) or 0)


def new_ids(memory: Memory) -> Iterator[int]:
    """Return numbers that no alert has had, in rising order; one is used up when it is taken."""
    while True:
        id_ = (memory.counters.get("alert_id") or 0) + 1
        memory.counters.set("alert_id", id_)
        yield id_


def save(tx: Transaction, changed: Iterable[Alert], now: datetime) -> None:
    """Write those that have fired; one without a number has not, and lives in its state alone."""
    rows = [
        {
            "id": alert.id,
            "target_id": names.target_id(tx, alert.target, now),
            "check": alert.check.value,
            "state": alert.state.value,
            "severity": alert.severity.value,
            "since": alert.since,
            "since_is": alert.since_is.value,
            "fired_at": alert.fired_at,
            "resolved_at": alert.resolved_at,
            "named": alert.named,
            "newest": alert.newest,
            "missing": len(alert.missing),
            "body": to_text(alert),
            "is_live": True,
        }
        for alert in changed
        if alert.id is not None
    ]
    if rows:
        tx.connection.execute(_UPSERT, rows)


_UPSERT = upsert(alerts, by=("id",))


def add_events(tx: Transaction, happened: Iterable[Event], now: datetime) -> None:
    """Write these edges."""
    rows = [
        {
            "at": event.at,
            "target_id": names.target_id(tx, event.target, now),
            "kind": event.kind.value,
            "check": None if event.check is None else event.check.value,
            "alert_id": event.alert_id,
            "side": None if event.side is None else side_code(event.side),
            "sentence": event.sentence,
        }
        for event in happened
    ]
    if rows:
        tx.connection.execute(insert(events), rows)


def read(
    connection: Connection,
    *,
    target: str | None = None,
    ids: Iterable[int] | None = None,
    states: Iterable[AlertState] | None = None,
    most: int | None = None,
) -> tuple[Alert, ...]:
    """Return alerts that have fired, newest first."""
    query = (
        select(alerts.c.body, names.targets.c.name)
        .join_from(alerts, names.targets)
        .order_by(alerts.c.id.desc())
    )
    if target is not None:
        query = query.where(names.targets.c.name == target)
    if ids is not None:
        query = query.where(alerts.c.id.in_(list(ids)))
    if states is not None:
        query = query.where(alerts.c.state.in_([state.value for state in states]))
    rows = connection.execute(query.limit(most)).all()
    return tuple(named(from_json(body, Alert), name) for body, name in rows)


def named(alert: Alert, name: str) -> Alert:
    """Return the alert under the name that its target has now."""
    if alert.target == name:
        return alert
    finding = None if alert.finding is None else replace(alert.finding, target=name)
    return replace(alert, target=name, finding=finding)


def read_events(
    connection: Connection, *, target: str | None = None, most: int | None = None
) -> tuple[Event, ...]:
    """Return edges, newest first."""
    query = (
        select(events, names.targets.c.name)
        .join_from(events, names.targets)
        .order_by(events.c.id.desc())
        .limit(most)
    )
    if target is not None:
        query = query.where(names.targets.c.name == target)
    return tuple(
        Event(
            kind=EventKind(row.kind),
            target=row.name,
            at=row.at,
            check=None if row.check is None else CheckName(row.check),
            alert_id=row.alert_id,
            side=None if row.side is None else SIDES[row.side],
            sentence=row.sentence,
        )
        for row in connection.execute(query)
    )

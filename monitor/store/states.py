"""Table `states`: one row a target: what the detector remembers but the releases, and what is shown.

An unchanged look does not touch this row: its instants are taken from the open span when the state is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, ForeignKey, Integer, Table, Text, select

from monitor.model import Side, SideState, SinceClock, TargetState
from monitor.store import alerts, names, readings, releases
from monitor.store.instants import Instant, Key
from monitor.store.memory import Memory, Span
from monitor.store.packing import from_json, side_code, to_text
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction
from monitor.store.upserting import upsert

states = Table(
    "states",
    metadata,
    Column("target_id", Key, ForeignKey("targets.id"), primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("named", Text),
    Column("newest", Text),
    Column("missing", Integer, nullable=False),
    Column("since", Instant),
    Column("since_is", Text),
    Column("fires_at", Instant),
    Column("alert_id", Integer),
    # The first good looks: what was released before them was announced we do not know when.
    Column("first_metadata_at", Instant),
    Column("first_releases_at", Instant),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the view `current` says of a target, by the word of the one who judges it.

    `state` is the word of `status` (`in step`, `pending`, `behind`, …), `missing` a count; `since`,
    `since_is`, `fires_at` and `alert_id` are those of the finding that the word stands for.
    """

    state: str
    named: str | None = None
    newest: str | None = None
    missing: int = 0
    since: datetime | None = None
    since_is: SinceClock | None = None
    fires_at: datetime | None = None
    alert_id: int | None = None


UNKNOWN = Shown(state="unknown")


def save(
    tx: Transaction, state: TargetState, before: TargetState | None, shown: Shown | None, now: datetime
) -> None:
    """Write the state, and of its releases those that `before` did not hold in this form.

    Without `shown` what was shown stays. A side that is unknown ends its reading: it will be read anew.
    """
    target_id = names.target_id(tx, state.target, now)
    for side in Side:
        if state.side(side).looked_at is None:
            readings.close(tx, target_id, side)
    names.revive(tx, state.target)
    releases.save(tx, target_id, state.releases, None if before is None else before.releases, now)
    tx.connection.execute(
        _UPSERT_ALL if shown is not None or before is None else _UPSERT_STATE,
        _row(target_id, state, shown or UNKNOWN),
    )


def _row(target_id: int, state: TargetState, shown: Shown) -> dict[str, object]:
    return {
        "target_id": target_id,
        "body": to_text(replace(state, releases={}, memo=None)),
        "first_metadata_at": state.metadata.first_good_at,
        "first_releases_at": state.releases_side.first_good_at,
        "word": shown.state,
        "named": shown.named,
        "newest": shown.newest,
        "missing": shown.missing,
        "since": shown.since,
        "since_is": None if shown.since_is is None else shown.since_is.value,
        "fires_at": shown.fires_at,
        "alert_id": shown.alert_id,
    }


_STATE_COLUMNS = ("body", "first_metadata_at", "first_releases_at")


_UPSERT_STATE = upsert(states, by=("target_id",), columns=_STATE_COLUMNS)
_UPSERT_ALL = upsert(states, by=("target_id",))


def forget(tx: Transaction, target: str, now: datetime) -> None:
    """Let a target that is retired begin anew should it come back."""
    target_id = tx.memory.targets.get(target)
    if target_id is None:
        return
    for side in Side:
        readings.close(tx, target_id, side)
    releases.forget(tx, target_id, now)


def load(connection: Connection, memory: Memory | None = None) -> dict[str, TargetState]:
    """Return the states of all targets not retired; `memory` knows looks that are not yet written."""
    if memory is None:
        readings.load(connection, memory := Memory())
    query = (
        select(states.c.target_id, names.targets.c.name, states.c.body)
        .join_from(states, names.targets)
        .where(names.targets.c.retired_at.is_(None))
        .order_by(states.c.target_id)
    )
    seen = releases.load(connection)
    return {
        row.name: _state(row, seen.get(row.target_id, {}), memory) for row in connection.execute(query).all()
    }


def load_one(connection: Connection, target: str) -> TargetState | None:
    """Return the state of this target, retired or not; None where nothing is known of it."""
    query = (
        select(states.c.target_id, names.targets.c.name, states.c.body)
        .join_from(states, names.targets)
        .where(names.targets.c.name == target)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    readings.load(connection, memory := Memory())
    seen = releases.load(connection, row.target_id)
    return _state(row, seen.get(row.target_id, {}), memory)


def _state(row: Any, seen: Mapping[str, Any], memory: Memory) -> TargetState:
    state = _decoded(row.body)
    return replace(
        state,
        target=row.name,
        alerts=tuple(alerts.named(alert, row.name) for alert in state.alerts),
        releases=seen,
        metadata=_patched(state.metadata, memory.spans.get((row.target_id, side_code(Side.METADATA)))),
        releases_side=_patched(
            state.releases_side, memory.spans.get((row.target_id, side_code(Side.RELEASES)))
        ),
    )


def _patched(side: SideState, span: Span | None) -> SideState:
    """Return the side with the instants of the unchanged looks that came after it was saved.

    That is what `detector.touched` made of it in memory.
    """
    if span is None or not span.is_good or side.looked_at in {None, span.last_at}:
        return side
    return replace(
        side,
        looked_at=span.last_at,
        good_at=span.last_at,
        complete_at=span.last_at if side.newest is None else side.complete_at,
        cache_age_for=None if span.cache_age is None else timedelta(seconds=span.cache_age),
    )


def _decoded(body: str) -> TargetState:
    """Return the state; what another version of ourselves wrote in a way that we do not know is left out."""
    try:
        return from_json(body, TargetState)
    except msgspec.ValidationError:
        return _salvaged(msgspec.json.decode(body))


def _salvaged(raw: dict[str, Any]) -> TargetState:
    salvaged = tuple(
        alert for each in raw.pop("alerts", ()) for alert in _part(raw, {"alerts": [each]}).alerts
    )
    known = {
        part.name: getattr(_part(raw, {part.name: raw[part.name]}), part.name)
        for part in fields(TargetState)
        if part.name in raw
    }
    return TargetState(**{**known, "alerts": salvaged})


def _part(raw: dict[str, Any], part: dict[str, Any]) -> TargetState:
    """Return a state that holds this part alone, or its default where it cannot be read."""
    try:
        return msgspec.convert({"target": raw["target"], **part}, TargetState)
    except msgspec.ValidationError:
        return TargetState(target=raw["target"])

"""What is read of `observations` and `states` for people: single looks, and how each target stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from monitor.model import Side, SinceClock
from monitor.store.instants import from_us, from_us_or_none, to_us
from monitor.store.names import targets
from monitor.store.observations import observations
from monitor.store.packing import ATTEMPTS_SHIFT, CONFIRM, OUTCOME_SHIFT, OUTCOMES, SIDES, UNCHANGED
from monitor.store.readings import spans
from monitor.store.states import Shown, states


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look as it was recorded. `outcome` is `good` or the reason of the failure."""

    at: datetime
    target: str
    side: Side
    outcome: str
    status: int
    latency_for: timedelta
    received: int
    attempts: int
    cache_age_for: timedelta | None
    confirm: bool
    unchanged: bool
    reading_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """How a target stands, as the view `current` says it."""

    target: str
    shown: Shown
    last_good_metadata_at: datetime | None
    last_good_releases_at: datetime | None


def read(
    connection: Connection,
    *,
    target: str | None,
    from_at: datetime | None,
    until_at: datetime | None,
    most: int | None,
) -> tuple[Look, ...]:
    """Return single looks, newest first."""
    query = select(observations, targets.c.name).join_from(observations, targets)
    if target is not None:
        query = query.where(targets.c.name == target)
    if from_at is not None:
        query = query.where(observations.c.at >= to_us(from_at))
    if until_at is not None:
        query = query.where(observations.c.at < to_us(until_at))
    rows = connection.execute(query.order_by(observations.c.at.desc()).limit(most))
    return tuple(
        Look(
            at=from_us(row.at),
            target=row.name,
            side=SIDES[row.how & 1],
            outcome=OUTCOMES[row.how >> OUTCOME_SHIFT & 7],
            status=row.status,
            latency_for=timedelta(milliseconds=row.latency_ms),
            received=row.received,
            attempts=(row.how >> ATTEMPTS_SHIFT) + 1,
            cache_age_for=None if row.cache_age is None else timedelta(seconds=row.cache_age),
            confirm=bool(row.how & CONFIRM),
            unchanged=bool(row.how & UNCHANGED),
            reading_id=row.reading_id,
        )
        for row in rows
    )


def oldest_at(connection: Connection) -> datetime | None:
    """Return the instant of the oldest look that is kept."""
    return from_us_or_none(connection.scalar(select(func.min(observations.c.at))))


def current(connection: Connection) -> tuple[Current, ...]:
    """Return how each target that is not retired stands."""
    metadata, listed = spans.alias("metadata"), spans.alias("listed")
    query = (
        select(
            targets.c.name,
            states,
            metadata.c.good_at.label("metadata_at"),
            listed.c.good_at.label("releases_at"),
        )
        .join_from(states, targets)
        .outerjoin(metadata, (metadata.c.target_id == targets.c.id) & (metadata.c.side == 0))
        .outerjoin(listed, (listed.c.target_id == targets.c.id) & (listed.c.side == 1))
        .where(targets.c.retired_at.is_(None))
        .order_by(targets.c.id)
    )
    return tuple(
        Current(
            target=row.name,
            shown=Shown(
                state=row.word,
                named=row.named,
                newest=row.newest,
                missing=row.missing,
                since=row.since,
                since_is=None if row.since_is is None else SinceClock(row.since_is),
                fires_at=row.fires_at,
                alert_id=row.alert_id,
            ),
            last_good_metadata_at=row.metadata_at,
            last_good_releases_at=row.releases_at,
        )
        for row in connection.execute(query)
    )

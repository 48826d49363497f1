"""Tables `readings`, `payloads` and `spans`: one reading for each change of what a side said, kept for ever.

The reading that goes on has its row in `spans`, small enough to be updated at each look; when the side says
something else, first and last sight and the count are folded into `readings`. A run of failed looks for one
reason is one reading, with the first one's sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from monitor.model import Failure, Observation, Reading, Side
from monitor.store.gathered import write_rows
from monitor.store.instants import Instant, Key, to_us, to_us_or_none
from monitor.store.memory import Memory, Span, SpanKey
from monitor.store.names import targets
from monitor.store.packing import (
    GOOD,
    SIDES,
    bounded,
    digest_of,
    from_blob,
    from_json,
    outcome_code,
    side_code,
    to_blob,
    to_json,
)
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction, inserted_id
from monitor.store.upserting import upsert

payloads = Table(
    "payloads",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("target_id", Integer, ForeignKey("targets.id"), nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("first_at", Instant, nullable=False),
    # None while the reading goes on: its row in `spans` knows.
    Column("last_at", Instant),
    Column("seen", Integer),
    Column("digest", LargeBinary, nullable=False),
    Column("payload_id", Integer, ForeignKey("payloads.id"), nullable=False),
    Index("ix_readings_target_id_side_first_at", "target_id", "side", "first_at"),
)

spans = Table(
    "spans",
    metadata,
    Column("target_id", Integer, ForeignKey("targets.id"), primary_key=True),
    Column("side", SmallInteger, primary_key=True),
    Column("reading_id", Integer, ForeignKey("readings.id"), nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("good_at", Instant),
    Column("seen", Integer, nullable=False),
    Column("cache_age", Integer),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReading:
    """What a side said from `first_at` to `last_at`, in `seen` looks; `id` is the one that looks refer to."""

    id: int
    target: str
    side: Side
    outcome: Reading | Failure
    first_at: datetime
    last_at: datetime
    seen: int


def load(connection: Connection, memory: Memory) -> None:
    """Remember the spans that are open."""
    query = select(
        spans.c.target_id,
        spans.c.side,
        spans.c.reading_id,
        readings.c.digest,
        readings.c.outcome,
        spans.c.last_at,
        spans.c.good_at,
        spans.c.seen,
        spans.c.cache_age,
    ).join_from(spans, readings)
    for target_id, side, reading_id, digest, outcome, last_at, good_at, seen, age in connection.execute(
        query
    ):
        span = Span(reading_id, digest, outcome == GOOD, last_at, good_at, seen, age)
        memory.spans.set((target_id, side), span)


def extend(tx: Transaction, observation: Observation, target_id: int) -> int | None:
    """Count one more good look that says what the last one did; returns its reading.

    None where there is no good reading to extend.
    """
    key = (target_id, side_code(observation.side))
    span = tx.memory.spans.get(key)
    if span is None or not span.is_good:
        return None
    at = observation.at
    _set(
        tx,
        key,
        span._replace(last_at=at, good_at=at, seen=span.seen + 1, cache_age=_age(observation)),
    )
    return span.reading_id


def record(tx: Transaction, observation: Observation, target_id: int) -> int:
    """Extend the reading that goes on, or begin a new one; returns its number."""
    key = (target_id, side_code(observation.side))
    before = tx.memory.spans.get(key)
    body, digest = _said(observation.outcome)
    at, age = observation.at, _age(observation)
    is_good = isinstance(observation.outcome, Reading)
    good_at = at if is_good else None if before is None else before.good_at
    if before is not None and before.digest == digest:
        span = before._replace(last_at=at, good_at=good_at, seen=before.seen + 1, cache_age=age)
    else:
        close(tx, target_id, observation.side)
        reading_id = _begin(tx, observation, target_id, body, digest)
        span = Span(reading_id, digest, is_good, at, good_at, 1, age)
    _set(tx, key, span)
    return span.reading_id


def _age(observation: Observation) -> int | None:
    age = observation.got.cache_age_for
    return None if age is None else bounded(age.total_seconds())


def close(tx: Transaction, target_id: int, side: Side) -> None:
    """End the reading that goes on: whatever is said next is a new one."""
    key = (target_id, side_code(side))
    span = tx.memory.spans.get(key)
    if span is None:
        return
    ended = {"reading_id": span.reading_id, "last": span.last_at, "times": span.seen}
    tx.connection.execute(_END, ended)
    tx.memory.spans.drop(key)
    tx.memory.unwritten_spans.set(key, None)


def _set(tx: Transaction, key: SpanKey, span: Span) -> None:
    tx.memory.spans.set(key, span)
    tx.memory.unwritten_spans.set(key, span)


def _said(outcome: Reading | Failure) -> tuple[bytes, bytes]:
    """Return the outcome's JSON, and the digest by which two looks say the same."""
    if isinstance(outcome, Failure):
        kin = f"{outcome.reason} {outcome.answered} {outcome.is_local}"
        return to_json(outcome), digest_of(b"failure", kin.encode())
    said = to_json(
        Reading(
            releases=tuple(sorted(outcome.releases, key=lambda release: (release.tag, release.version))),
            newest=outcome.newest,
            left_out=tuple(sorted(outcome.left_out)),
            link=outcome.link,
        )
    )
    return said, digest_of(b"reading", said)


def _begin(tx: Transaction, observation: Observation, target_id: int, body: bytes, digest: bytes) -> int:
    row = {
        "target_id": target_id,
        "side": side_code(observation.side),
        "outcome": outcome_code(observation.outcome),
        "first_at": observation.at,
        "digest": digest,
        "payload_id": _payload_id(tx, body),
    }
    return inserted_id(tx.connection.execute(_BEGIN, row))


def _payload_id(tx: Transaction, body: bytes) -> int:
    """Return where this body is kept: a side that goes back and forth costs it once."""
    digest = digest_of(body)
    known = tx.connection.execute(_KEPT, {"wanted": digest}).scalar()
    if known is not None:
        return int(known)
    return inserted_id(tx.connection.execute(_KEEP, {"digest": digest, "body": to_blob(body)}))


def write(connection: Connection, memory: Memory) -> None:
    """Write the spans that have changed."""
    changed = memory.unwritten_spans.items()
    for (target_id, side), span in changed:
        if span is None:
            connection.execute(delete(spans).where(spans.c.target_id == target_id, spans.c.side == side))
    write_rows(connection, _UPSERT, [_row(key, span) for key, span in changed if span is not None])
    memory.unwritten_spans.clear()


def _row(key: SpanKey, span: Span) -> tuple[Any, ...]:
    good_at = to_us_or_none(span.good_at)
    return (*key, span.reading_id, to_us(span.last_at), good_at, span.seen, span.cache_age)


# Built once: to build a statement costs more than to run it.
_BEGIN = insert(readings)
_END = (
    update(readings)
    .where(readings.c.id == bindparam("reading_id"))
    .values(last_at=bindparam("last"), seen=bindparam("times"))
)
_KEEP = insert(payloads)
_KEPT = select(payloads.c.id).where(payloads.c.digest == bindparam("wanted"))
_UPSERT = upsert(spans, by=("target_id", "side"))


def sentences(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the sentence of each of these readings that is a failure."""
    query = (
        select(readings.c.id, payloads.c.body)
        .join_from(readings, payloads)
        .where(readings.c.id.in_(list(ids)), readings.c.outcome != GOOD)
    )
    return {id_: from_json(from_blob(body), Failure).sentence for id_, body in connection.execute(query)}


def history(
    connection: Connection,
    target: str,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    side: Side | None = None,
) -> Iterator[SeenReading]:
    """Return what the target's sides said, or one, oldest first, where it overlaps the span asked for."""
    last_at = func.coalesce(readings.c.last_at, spans.c.last_at)
    seen = func.coalesce(readings.c.seen, spans.c.seen)
    query = (
        select(
            readings.c.id,
            readings.c.side,
            readings.c.outcome,
            readings.c.first_at,
            last_at,
            seen,
            payloads.c.body,
        )
        .join_from(readings, targets)
        .join(payloads)
        .outerjoin(
            spans,
            and_(
                spans.c.target_id == readings.c.target_id,
                spans.c.side == readings.c.side,
                spans.c.reading_id == readings.c.id,
            ),
        )
        .where(targets.c.name == target)
        .order_by(readings.c.first_at, readings.c.id)
    )
    if side is not None:
        query = query.where(readings.c.side == side_code(side))
    if from_at is not None:
        query = query.where(last_at >= from_at)
    if until_at is not None:
        query = query.where(readings.c.first_at < until_at)
    for id_, code, outcome, first_at, last, count, body in connection.execute(query):
        of: type[Reading] | type[Failure] = Reading if outcome == GOOD else Failure
        yield SeenReading(
            id=id_,
            target=target,
            side=SIDES[code],
            outcome=from_json(from_blob(body), of),
            first_at=first_at,
            last_at=last,
            seen=count,
        )

"""Table `releases`: what is remembered of each release, for ever.

`body` is the whole SeenRelease without its defaults, so that a field added to it needs no migration; the
columns are what the views and queries go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    select,
    update,
)

from monitor.model import SeenRelease
from monitor.store import names
from monitor.store.instants import Instant, Key
from monitor.store.packing import from_json, to_lean_json
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction
from monitor.store.upserting import upsert

releases = Table(
    "releases",
    metadata,
    Column("id", Key, primary_key=True),
    Column("target_id", Integer, ForeignKey("targets.id"), nullable=False),
    Column("tag", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("published_is", Text, nullable=False),
    Column("eligible", Boolean),
    Column("withdrawn_at", Instant),
    Column("named_at", Instant),
    Column("covered_at", Instant),
    # Set where the state no longer holds it, after its source was changed.
    Column("forgotten_at", Instant),
    Column("body", Text, nullable=False),
    UniqueConstraint("target_id", "tag"),
)


def save(
    tx: Transaction,
    target_id: int,
    seen: Mapping[str, SeenRelease],
    before: Mapping[str, SeenRelease] | None,
    now: datetime,
) -> None:
    """Write the releases that have changed, and mark those that the state no longer holds."""
    if before is None:
        forget(tx, target_id, now)
        before = {}
    changed = [release for tag, release in seen.items() if before.get(tag) != release]
    gone = [tag for tag in before if tag not in seen]
    if changed:
        tx.connection.execute(_UPSERT, [_row(target_id, release) for release in changed])
    if gone:
        tx.connection.execute(
            update(releases)
            .where(releases.c.target_id == target_id, releases.c.tag.in_(gone))
            .values(forgotten_at=now)
        )


def forget(tx: Transaction, target_id: int, now: datetime) -> None:
    """Mark all releases of the target as held by no state."""
    tx.connection.execute(
        update(releases)
        .where(releases.c.target_id == target_id, releases.c.forgotten_at.is_(None))
        .values(forgotten_at=now)
    )


def _row(target_id: int, release: SeenRelease) -> dict[str, object]:
    return {
        "target_id": target_id,
        "tag": release.tag,
        "version": release.version,
        "first_seen_at": release.first_seen_at,
        "published_at": release.published_at,
        "published_is": release.published_is.value,
        "eligible": release.eligible,
        "withdrawn_at": release.withdrawn_at,
        "named_at": release.named_at,
        "covered_at": release.covered_at,
        "forgotten_at": None,
        "body": to_lean_json(release).decode(),
    }


_UPSERT = upsert(releases, by=("target_id", "tag"))


def load(connection: Connection, target_id: int | None = None) -> dict[int, dict[str, SeenRelease]]:
    """Return the releases that states hold, by target number and tag, in the order of first sight."""
    query = select(releases.c.target_id, releases.c.tag, releases.c.body).where(
        releases.c.forgotten_at.is_(None)
    )
    if target_id is not None:
        query = query.where(releases.c.target_id == target_id)
    found: dict[int, dict[str, SeenRelease]] = {}
    decoder = msgspec.json.Decoder(SeenRelease)
    for id_, tag, body in connection.execute(query.order_by(releases.c.id)):
        found.setdefault(id_, {})[tag] = decoder.decode(body)
    return found


def of_target(connection: Connection, target: str) -> tuple[SeenRelease, ...]:
    """Return every release of the target ever seen, oldest sight first, forgotten ones included."""
    query = (
        select(releases.c.body)
        .join_from(releases, names.targets)
        .where(names.targets.c.name == target)
        .order_by(releases.c.id)
    )
    return tuple(from_json(body, SeenRelease) for body in connection.scalars(query))

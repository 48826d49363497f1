"""Table `http_cache`: the last good document of each request, for a 304 after a restart too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from monitor.model import Document
from monitor.store.instants import Instant
from monitor.store.packing import from_blob, to_blob, to_text
from monitor.store.schema import metadata
from monitor.store.transaction import Transaction
from monitor.store.upserting import upsert

http_cache = Table(
    "http_cache",
    metadata,
    Column("key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("links", Text, nullable=False),
    Column("received", Integer, nullable=False),
    Column("put_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_http_cache_used_at", "used_at"),
)


_UPSERT = upsert(http_cache, by=("key",))


def put(tx: Transaction, key: str, document: Document, now: datetime) -> None:
    """Keep the document in place of what was there."""
    row = {
        "key": key,
        "url": document.url,
        "status": document.status,
        "content_type": document.content_type,
        "etag": document.etag,
        "last_modified": document.last_modified,
        "links": to_text(dict(document.links)),
        "received": document.received,
        "put_at": now,
        "used_at": now,
        "body": to_blob(document.body),
    }
    tx.connection.execute(_UPSERT, row)


def get(connection: Connection, key: str) -> Document | None:
    """Return the document, as it was when it was put."""
    row = connection.execute(select(http_cache).where(http_cache.c.key == key)).first()
    if row is None:
        return None
    return Document(
        url=row.url,
        status=row.status,
        content_type=row.content_type,
        etag=row.etag,
        last_modified=row.last_modified,
        links=msgspec.json.decode(row.links, type=dict[str, str]),
        received=row.received,
        body=from_blob(row.body),
    )


def drop(tx: Transaction, key: str) -> None:
    """Forget this key."""
    tx.connection.execute(delete(http_cache).where(http_cache.c.key == key))


def sweep(tx: Transaction, used: Iterable[str], now: datetime, keep_for: timedelta) -> int:
    """Note that these keys were used, and forget those that were not for this long; returns how many went.

    It is noted once a day: to change a row is to write its whole body again.
    """
    if keys := [{"used": key} for key in used]:
        stale = http_cache.c.used_at < now - timedelta(days=1)
        note = update(http_cache).where(http_cache.c.key == bindparam("used"), stale).values(used_at=now)
        tx.connection.execute(note, keys)
    return tx.connection.execute(delete(http_cache).where(http_cache.c.used_at < now - keep_for)).rowcount

"""A fresh database, made from `schema.sql`: what all migrations come to, without Alembic."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from uuid import uuid4

from monitor.errors import StoreError
from monitor.store.connecting import connect
from monitor.store.faults import explain
from monitor.store.forcing import force_file, force_folder
from monitor.store.identity import Known, write_identity

log = logging.getLogger(__name__)

SCHEMA = Path(__file__).with_name("schema.sql")


def create(path: Path) -> None:
    """Make the database, whole or not at all.

    Its identity is written first: one that counts no commit yet stands for a database that was being made.

    Raises:
        StoreError: the disk refuses.

    """
    name = uuid4().hex
    fresh = Path(f"{path}.new")
    try:
        _remove(fresh)
        _make(fresh, name)
        write_identity(path, Known(name, 0))
        fresh.replace(path)
        force_folder(path.parent)
    except sqlite3.Error as error:
        raise explain(error, path) from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be made ({error.strerror})") from None
    finally:
        _remove(fresh)
    log.info("%s: there was no database, and a new one was made: the history begins now", path)


def _make(fresh: Path, name: str) -> None:
    connection = connect(fresh, "rwc")
    try:
        # It is forced to the disk as a whole, before it gets its name.
        connection.execute("PRAGMA synchronous=OFF")
        begin_file(connection)
        connection.executescript(f"BEGIN;\n{SCHEMA.read_text()}\nCOMMIT;")
        connection.execute("INSERT INTO instance (id, name, sequence, visits) VALUES (1, ?, 0, 0)", (name,))
    finally:
        # The last one out folds the write-ahead log into the file.
        connection.close()
    force_file(fresh)


def begin_file(connection: sqlite3.Connection) -> None:
    """Set what can only be set before the first table, and what the file remembers."""
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL")


def _remove(fresh: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{fresh}{end}").unlink(missing_ok=True)

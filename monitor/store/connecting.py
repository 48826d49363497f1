"""How the database file is opened: for the one writer, and for readers that can change nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from monitor.store.presence import Presence

BUSY_SECONDS = 5.0
# A commit is on the disk when it returns (FACTS: NORMAL lost hundreds of commits in each power cut).
_WRITER_PRAGMAS = (
    # A backup that was put back is in the mode of a single file.
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA journal_size_limit=16777216",
)
_READER_PRAGMAS = ("PRAGMA query_only=ON", "PRAGMA trusted_schema=OFF")


def connect(path: Path, mode: str, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open the file with the mode `rw`, `ro` or `rwc`; no transaction begins by itself."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )


def writer_engine(
    path: Path, *, busy_seconds: float = BUSY_SECONDS, presence: Presence | None = None
) -> Engine:
    """Return the engine of the writer: one connection; a transaction begins with the write lock."""

    def creator() -> sqlite3.Connection:
        if presence is not None:
            presence.check()
        return _prepared(connect(path, "rw", busy_seconds=busy_seconds), _WRITER_PRAGMAS)

    engine = create_engine("sqlite://", creator=creator, poolclass=StaticPool)
    # A transaction that reads first and writes then fails at once where another one has written meanwhile.
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reader_engine(path: Path, presence: Presence | None = None) -> Engine:
    """Return the engine of readers, usable from any thread; those of a daemon keep their connections."""

    def creator() -> sqlite3.Connection:
        if presence is not None:
            presence.check()
        return _prepared(reading(path), _READER_PRAGMAS)

    pool = NullPool if presence is None else QueuePool
    engine = create_engine("sqlite://", creator=creator, poolclass=pool)
    event.listen(engine, "begin", _begin)
    return engine


NO_LOG_CAN_BE_MADE = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY"})


def reading(path: Path) -> sqlite3.Connection:
    """Open the file for reading alone.

    Where no daemon runs there is no `-wal` beside it, and one who may not write to the folder cannot make
    one: the file then changes for nobody, and is read as it is.
    """
    connection = connect(path, "ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error as error:
        connection.close()
        is_unwritable = error.sqlite_errorname in NO_LOG_CAN_BE_MADE
        if not is_unwritable or not path.exists() or Path(f"{path}-wal").exists():
            raise
        return connect(path, "ro&immutable=1")
    return connection


def _prepared(connection: sqlite3.Connection, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def driver_of(connection: Connection) -> Any:
    """Return the sqlite3 connection underneath."""
    return connection.connection.driver_connection

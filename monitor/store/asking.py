"""Somebody's own SQL: it can read all, change nothing, and neither run for ever nor fill the memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.errors import StoreError
from monitor.model import Clock
from monitor.store.connecting import reading
from monitor.store.faults import explain

WAIT_FOR = timedelta(seconds=30)
MOST_ROWS = 10_000
# No value that we write is larger; `zeroblob(1e9)` is.
_MOST_BYTES = 64 * 1024 * 1024
_STEPS = 10_000
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
_PRAGMAS = frozenset({"table_info", "table_list", "table_xinfo", "index_list", "index_info", "page_count"})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query gave; `is_cut` where there were more rows than asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool


def ask(
    path: Path, sql: str, clock: Clock, *, most: int = MOST_ROWS, wait_for: timedelta = WAIT_FOR
) -> Answer:
    """Return the rows of one statement that reads.

    Raises:
        StoreError: it is not one, it takes too long, or the database refuses.

    """
    until = clock.monotonic() + wait_for.total_seconds()
    try:
        with closing(reading(path)) as connection:
            _confine(connection, lambda: clock.monotonic() >= until)
            cursor = connection.execute(sql)
            columns = tuple(str(column[0]) for column in cursor.description or ())
            rows = cursor.fetchmany(most + 1)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _refused(error, path, wait_for) from None
    return Answer(columns=columns, rows=tuple(rows[:most]), is_cut=len(rows) > most)


def _confine(connection: sqlite3.Connection, is_over: Callable[[], bool]) -> None:
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
    connection.set_authorizer(_may)
    connection.set_progress_handler(is_over, _STEPS)


def _may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Allow what reads, and refuse all else: ATTACH would open other files, PRAGMA would lift the limits."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in _PRAGMAS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _refused(error: Exception, path: Path, wait_for: timedelta) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_INTERRUPT":
        return StoreError(
            f"the query took longer than {wait_for.total_seconds():.0f} s; narrow it down "
            "(`observation_log` is found "
            "by `at_us`, not by `at`)"
        )
    if name == "SQLITE_AUTH":
        return StoreError(f"only reading is allowed here, one SELECT: {error}")
    if name == "SQLITE_TOOBIG":
        return StoreError("the query makes a value that is too large")
    if name in {"SQLITE_ERROR", ""}:
        return StoreError(f"the query is not understood: {error}")
    return explain(error, path)

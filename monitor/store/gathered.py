"""Rows of one form, many at once: what Core does for each value would cost more than the row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert


def write_rows(connection: Connection, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run the insert once a row; a row has the table's columns in order, as the driver takes them."""
    if rows:
        connection.exec_driver_sql(_text(statement, connection.dialect), list(rows))


@lru_cache(maxsize=16)
def _text(statement: Insert, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))

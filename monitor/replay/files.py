"""Histories that are read from CSV files."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from monitor.errors import ParseError
from monitor.replay.histories import RowHistory, dated_by
from monitor.replay.rows import Row, Rows, read_csv

STANDARD_INPUT = Path("-")
MOST_BYTES = 256 * 1024 * 1024


def read_rows(path: Path) -> Rows:
    """Return the rows of this file, or of standard input where it is `-`.

    Raises:
        ParseError: it cannot be read, or is no such file.
    """
    name = "standard input" if path == STANDARD_INPUT else path.name
    try:
        if path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(content) > MOST_BYTES:
        raise ParseError(f"{name} is larger than {MOST_BYTES // 2**20} MiB")
    return read_csv(content, name)


def csv_history(
    path: Path, *, name: str | None = None, pattern: str | None = None, until_at: datetime | None = None
) -> RowHistory:
    """Return the history of this file.

    Raises:
        ParseError: it cannot be read, or has nothing before `until_at`.
    """
    read = read_rows(path)
    known = "history" if path == STANDARD_INPUT else path.name.removesuffix(".csv") or path.name
    return history_of(read, name=name or known, pattern=pattern, until_at=until_at)


def history_of(
    read: Rows, *, name: str, pattern: str | None = None, until_at: datetime | None = None
) -> RowHistory:
    """Return the history of these rows up to this instant.

    Raises:
        ParseError: all of them come later.
    """
    return _cut(RowHistory(name=name, rows=read.rows, notes=read.notes, pattern=pattern, until_at=until_at))


def with_publications(history: RowHistory, path: Path) -> RowHistory:
    """Return the history with the releases at the instants that this file gives for them.

    Raises:
        ParseError: it cannot be read, or has none of the releases.
    """
    rows, note = dated_by(history.rows, read_rows(path).rows, path.name)
    return _cut(replace(history, rows=rows, notes=(*history.notes, note)))


def _cut(history: RowHistory) -> RowHistory:
    until_at = history.until_at
    if until_at is None:
        return history
    rows: tuple[Row, ...] = tuple(row for row in history.rows if row.at <= until_at)
    if not rows:
        raise ParseError(f"{history.name} has nothing until {until_at:%Y-%m-%dT%H:%M:%SZ}")
    return replace(history, rows=rows)

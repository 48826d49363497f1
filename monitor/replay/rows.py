"""A history as people write it down: CSV with the columns `time_utc`, `source` and `value`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

from monitor.errors import ParseError
from monitor.model import Failure, Reading, SinceClock
from monitor.versions import excerpt

COLUMNS = ("time_utc", "source", "value")


class Word(StrEnum):
    """What a row tells of: a release came out, one was withdrawn, the metadata became this."""

    RELEASE = "release"
    WITHDRAWN = "withdrawn"
    METADATA = "metadata"


_WORDS = {**{word.value: word for word in Word}, "pointer": Word.METADATA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One change. An empty `value` is a look that failed; `known_by` says what kind of instant `at` is.

    `said` is all that the metadata said, where that is known; `value` is the one version in it, or empty.
    """

    at: datetime
    word: Word
    value: str
    known_by: SinceClock = SinceClock.PUBLISHED
    said: Reading | Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows in order of time, and what a reader should know of how they were read."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_csv(content: bytes, name: str) -> Rows:
    """Return the rows of this file; `name` is what sentences call it.

    Rows that are not in order of time are sorted, those of one instant stay as they stand.

    Raises:
        ParseError: it is no such file; says the line.
    """
    rows = list(_rows(_text(content, name), name))
    if not rows:
        raise ParseError(f"{name} has no rows; want lines like 2024-02-25T03:18:47Z,release,20240224")
    return ordered(rows, name)


def ordered(rows: Sequence[Row], name: str) -> Rows:
    """Return the rows sorted by time, with a note where they were not."""
    late = sum(after.at < before.at for before, after in pairwise(rows))
    if not late:
        return Rows(rows=tuple(rows))
    note = f"{name} is not in order of time ({late} of its rows are earlier than the one before); sorted"
    return Rows(rows=tuple(sorted(rows, key=lambda row: row.at)), notes=(note,))


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ParseError(f"{name}, line {line}: it is not UTF-8 text") from error


def _rows(text: str, name: str) -> Iterator[Row]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = csv.reader((line + "\n" for line in lines), strict=True)
    places: Sequence[int] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{name}, line {reader.line_num}"
            if places is None:
                places = _places(cells, where)
            else:
                yield _row(cells, places, where)
    except csv.Error as error:
        raise ParseError(f"{name}, line {reader.line_num}: it is not CSV: {error}") from error


def _places(cells: Sequence[str], where: str) -> Sequence[int]:
    """Return at which place of a line each of the columns stands; others are passed over."""
    heads = [cell.strip().lower() for cell in cells]
    lacking = [column for column in COLUMNS if column not in heads]
    if lacking:
        found = ", ".join(excerpt(cell) for cell in cells[:5])
        raise ParseError(f"{where}: the columns are {found}; want {','.join(COLUMNS)} as the first line")
    return [heads.index(column) for column in COLUMNS]


def _row(cells: Sequence[str], places: Sequence[int], where: str) -> Row:
    if len(cells) <= max(places):
        raise ParseError(
            f"{where}: it has {len(cells)} columns; want {max(places) + 1}, the last of which may be empty"
        )
    at, source, value = (cells[place].strip() for place in places)
    word = _WORDS.get(source.lower())
    if word is None:
        raise ParseError(
            f"{where}: the source is {excerpt(source)}; want {', '.join(Word)} (or pointer, for metadata)"
        )
    return Row(at=instant(at, where), word=word, value=value)


def instant(text: str, where: str) -> datetime:
    """Return the instant of an ISO 8601 text; one without an offset is in UTC.

    Raises:
        ParseError: it is none; `where` begins the sentence.
    """
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ParseError(
            f"{where}: {excerpt(text)} is not an instant; write it like 2024-02-25T03:18:47Z"
        ) from error

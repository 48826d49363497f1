"""What a daemon recorded of a target, as a history in CSV that can be played or imported again."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import Reading, Reason, Side
from monitor.replay.documents import instant
from monitor.replay.rows import COLUMNS, Word
from monitor.store import Reader, SeenReading

UNREADABLE = "unreadable"
"""Stands for metadata that yielded no version; it is none under any scheme."""


def history_rows(reader: Reader, target: str) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of the CSV, the heading first, in order of time.

    A release has the instant of its publication, or of our first sight where that is not known.
    """
    found = [*_releases(reader, target), *_metadata(reader.history(target))]
    yield COLUMNS
    yield from sorted(found)


def _releases(reader: Reader, target: str) -> Iterator[tuple[str, str, str]]:
    for seen in reader.releases(target):
        if not seen.draft:
            out_at = seen.published_at or seen.first_seen_at
            yield str(instant(out_at)), Word.RELEASE.value, seen.tag
        if seen.withdrawn_at is not None:
            yield str(instant(seen.withdrawn_at)), Word.WITHDRAWN.value, seen.tag


def _metadata(readings: tuple[SeenReading, ...]) -> Iterator[tuple[str, str, str]]:
    before = None
    for reading in readings:
        if reading.side is not Side.METADATA:
            continue
        value = _value(reading)
        if value != before:
            yield str(instant(reading.first_at)), Word.METADATA.value, value
        before = value


def _value(reading: SeenReading) -> str:
    outcome = reading.outcome
    if isinstance(outcome, Reading):
        return outcome.releases[0].tag if outcome.releases else UNREADABLE
    return UNREADABLE if outcome.reason is Reason.MALFORMED else ""

"""Values as the formats give them, made into those of JSON."""

from __future__ import annotations

from datetime import date, datetime, time

from monitor.errors import ParseError
from monitor.versions import excerpt

_MOST_BITS = 1000


class DateText(str):
    """A date that its format has a type for, as text: no version, but good where a date is wanted."""

    __slots__ = ()


def plain(value: object) -> object:
    """Return the value with its dates and times as texts; an instant keeps its offset.

    Raises:
        ParseError: it has a number that cannot even be written; says so without its subject.
    """
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ParseError("has a number of hundreds of digits")
    return DateText(value.isoformat()) if isinstance(value, date | datetime | time) else value


def described(value: object) -> str:
    """Return what a value is, for a sentence; of one with values of its own only that."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {str(value)[:40]}"
    if isinstance(value, str):
        return f"the {'date' if isinstance(value, DateText) else 'text'} {excerpt(value)}"
    return "a list" if isinstance(value, list) else "an object with values of its own"

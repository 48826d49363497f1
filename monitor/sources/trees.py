"""Values as the formats give them, made into those of JSON."""

from __future__ import annotations

from datetime import date, datetime, time

from monitor.errors import ParseError

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

"""When a release was published, as documents write it."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.errors import ParseError
from monitor.sources.trees import described

_LONGEST = 64
_FIRST_YEAR = 1971
_LAST_YEAR = 2200
# Seconds since the epoch reach this in the year 5138; milliseconds passed it in 1973.
_MILLISECONDS_FROM = 100_000_000_000


def instant_of(value: object, what: str) -> datetime | None:
    """Return the instant, in UTC; None where the document says that there is none.

    Text is ISO 8601 (RFC 3339 and its kin): without an offset it is UTC, and a day alone is its beginning.
    Whole numbers are seconds or milliseconds since the epoch. None, an empty text and the zero instants of
    programming languages (years 1 and 1970) mean "not known". `what` begins the sentence: where this date
    stands.

    Raises:
        ParseError: it is not an instant, or in no year that can be meant.
    """
    if value is None or value == "":
        return None
    try:
        instant = _parsed(value)
    except (ValueError, OverflowError, OSError) as error:
        raise ParseError(
            f"{what} is {described(value)}, which is not a date; write 2024-10-16T15:40:00Z"
        ) from error
    if instant.year > _LAST_YEAR:
        raise ParseError(f"{what} is {described(value)}, which is in the year {instant.year}")
    return instant if instant.year >= _FIRST_YEAR else None


def _parsed(value: object) -> datetime:
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii():
        instant = datetime.fromisoformat(value.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else _in_utc(instant)
    if isinstance(value, int) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return datetime.fromtimestamp(seconds, UTC)
    raise ValueError(value)


def _in_utc(instant: datetime) -> datetime:
    """Return it in UTC; the year 1 in an eastern zone began before there was a calendar."""
    if instant.year < _FIRST_YEAR:
        return instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)

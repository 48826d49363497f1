"""How instants and keys are written: whole microseconds since the epoch, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_MILLION = 1_000_000

Key = BigInteger().with_variant(Integer(), "sqlite")
"""The type of a primary key; only `INTEGER` is SQLite's own row id."""


def to_us(at: datetime) -> int:
    """Return the instant in microseconds since the epoch."""
    since = at - EPOCH
    return (since.days * _DAY + since.seconds) * _MILLION + since.microseconds


def from_us(us: int) -> datetime:
    """Return the instant that was written as this number."""
    return EPOCH + timedelta(microseconds=us)


def to_us_or_none(at: datetime | None) -> int | None:
    """Return the instant in microseconds, None for none."""
    return None if at is None else to_us(at)


def from_us_or_none(us: int | None) -> datetime | None:
    """Return the instant, None for none."""
    return None if us is None else from_us(us)


class Instant(TypeDecorator[datetime]):
    """A column of instants."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 SQLAlchemy's signature
        """Write the instant as a number."""
        return None if value is None else to_us(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy's signature
        """Read the number as an instant."""
        return None if value is None else from_us(value)

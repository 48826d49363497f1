"""Where a version stands among others: by its scheme, its publication, or the day that it really was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from monitor.model import SeenRelease
from monitor.versions import Scheme, scheme_named

FARTHEST = timedelta(days=30)
"""How far the date in a version may be from its publication before it is taken for a mistake."""

_PLAIN = "calver"
_KEPT = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a version with a date stands: by its key, or by the day of its publication if its own is wrong.

    `day` is that day, or else the version's own, as year, month and day; two versions of one day are ordered
    by text if either is misdated. A text such as 99999999 has its numbers for a day, so that it has its place
    among all of them; what has none is compared by its key alone.
    """

    key: Key
    day: tuple[int, int, int] | None
    text: str
    is_misdated: bool = False

    def __lt__(self, other: Place) -> bool:
        mine, theirs = self._against(other)
        return bool(mine < theirs)

    def __gt__(self, other: Place) -> bool:
        return other < self

    def _against(self, other: Place) -> tuple[Any, Any]:
        if (self.is_misdated or other.is_misdated) and self.day is not None and other.day is not None:
            return (self.day, self.text), (other.day, other.text)
        return self.key, other.key


class Key:
    """A scheme's key with its hash at hand: keys are looked up more often than made, and some are slow."""

    __slots__ = ("_hash", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._hash = hash(value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Key) and bool(self.value == other.value))

    def __lt__(self, other: Key) -> bool:
        return bool(self.value < other.value)

    def __gt__(self, other: Key) -> bool:
        return bool(self.value > other.value)


@lru_cache(maxsize=_KEPT)
def key_of(scheme: str, version: str) -> Key | None:
    """Return the scheme's key of this version, None where it is none."""
    key = scheme_named(scheme).key(version)
    return None if key is None else Key(key)


def place_of(scheme: Scheme, version: str, seen: SeenRelease | None) -> Any:
    """Return something that compares as the version does; None where it has no place.

    `seen` is the release of this version, if there is one.
    """
    if scheme.by_publication:
        return None if seen is None else seen.published_at
    if not scheme.name.startswith("calver"):
        return key_of(scheme.name, version)
    place = _place(scheme.name, version)
    if (
        place is None
        or seen is None
        or seen.published_at is None
        or not _is_far(_dated(scheme.name, version), seen)
    ):
        return place
    return Place(key=place.key, day=_numbers(seen.published_at), text=version, is_misdated=True)


def is_misdated(scheme: Scheme, seen: SeenRelease) -> bool:
    """Return whether the version's own date is too far from its publication to be meant."""
    return _is_far(scheme.dated(seen.version), seen)


@lru_cache(maxsize=_KEPT)
def _place(scheme: str, version: str) -> Place | None:
    key = key_of(scheme, version)
    if key is None:
        return None
    day = _dated(scheme, version)
    if day is not None:
        return Place(key=key, day=_numbers(day), text=version)
    # Eight digits that the calendar does not have are still in order among those that it has.
    is_plain = scheme == _PLAIN
    return Place(key=key, day=key.value[:3] if is_plain else None, text=version)


@lru_cache(maxsize=_KEPT)
def _dated(scheme: str, version: str) -> date | None:
    return scheme_named(scheme).dated(version)


def _numbers(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _is_far(day: date | None, seen: SeenRelease) -> bool:
    published_on = _published_on(seen)
    return day is not None and published_on is not None and abs(published_on - day) > FARTHEST


def _published_on(seen: SeenRelease) -> date | None:
    return None if seen.published_at is None else seen.published_at.date()

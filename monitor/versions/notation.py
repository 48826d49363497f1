"""calver.org's notation: YYYY YY 0Y MM 0M WW 0W DD 0D MAJOR MINOR MICRO MODIFIER, with separators between.

How it is read here, where calver.org leaves it open:

* Shape counts, not the calendar: 2024.13.1 is a version under YYYY.MM.MICRO.
* Between separators leading zeros do not matter, so that the tag 2024.08.30 and the 2024.8.30 that a package
  index makes of it are one version. Next to each other, parts of dates have two digits: YYYYMMDD is YYYY0M0D.
* A MICRO at the end may be missing and then is 0 (calver.org lists 24.3 under YY.MINOR.MICRO), and so may a
  MODIFIER.
* A modifier that says dev, snapshot, nightly, a, alpha, b, beta, pre, preview, c or rc is a pre-release and
  older than the version without it; any other (post1, lts, hotfix2) is newer.
* The date is compared year first even where it is written the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.errors import ParseError
from monitor.versions.scheme import excerpt

_PART = re.compile(r"YYYY|0Y|YY|0M|MM|0W|WW|0D|DD|MAJOR|MINOR|MICRO|MODIFIER|[-._+~/a-z]+")
_PARTS = "YYYY YY 0Y MM 0M WW 0W DD 0D MAJOR MINOR MICRO MODIFIER"
_UNITS = {
    "YYYY": "year",
    "YY": "year",
    "0Y": "year",
    "MM": "month",
    "0M": "month",
    "WW": "week",
    "0W": "week",
    "DD": "day",
    "0D": "day",
    "MAJOR": "major",
    "MINOR": "minor",
    "MICRO": "micro",
    "MODIFIER": "modifier",
}
_CALENDAR = ("year", "month", "week", "day")
_CENTURY = 2000
_LONGEST = 100
_WORDS = re.compile(r"[0-9]+|[a-z]+")
_EARLY = ("dev", "snapshot", "nightly", "a alpha", "b beta", "pre preview", "c rc")
_RANKS = {word: rank for rank, words in enumerate(_EARLY) for word in words.split()}
_PLAIN = len(_EARLY)


@dataclass(frozen=True, slots=True)
class Notation:
    """A pattern made ready. `units` are the numbers of a version, most significant first."""

    shape: re.Pattern[str]
    units: tuple[str, ...]
    is_short_year: bool

    def key(self, text: str) -> tuple[object, ...] | None:
        """Return the numbers and then the modifier, as something that can be compared."""
        found = self._numbers(text)
        if found is None:
            return None
        numbers, modifier = found
        return (*(numbers[unit] for unit in self.units), _modifier_key(modifier))

    def dated(self, text: str) -> date | None:
        """Return the day, where year, month and day are there and the calendar has it."""
        found = self._numbers(text)
        if found is None or not {"month", "day"} <= found[0].keys():
            return None
        numbers = found[0]
        try:
            return date(numbers["year"], numbers["month"], numbers["day"])
        except ValueError:
            return None

    def prerelease(self, text: str) -> bool | None:
        """Return whether the modifier is that of a pre-release; None where it is no version."""
        found = self._numbers(text)
        return None if found is None else _modifier_key(found[1])[0] < _PLAIN

    def _numbers(self, text: str) -> tuple[dict[str, int], str] | None:
        match = self.shape.fullmatch(text)
        if match is None:
            return None
        texts = match.groupdict(default="0")
        modifier = texts.pop("modifier", "0")
        numbers = {unit: int(digits) for unit, digits in texts.items()}
        if self.is_short_year:
            numbers["year"] += _CENTURY
        return numbers, "" if modifier == "0" else modifier


def notation_of(pattern: str) -> Notation:
    """Return the pattern made ready.

    Raises:
        ParseError: it is not in this notation.
    """
    parts = _split(pattern)
    units = [_UNITS[part] for part in parts if part in _UNITS]
    _refuse_wrong_units(pattern, units)
    shape = "".join(_shape(pattern, parts, place) for place in range(len(parts)))
    return Notation(
        shape=re.compile(shape, re.ASCII),
        units=tuple(_by_significance(units)),
        is_short_year="YYYY" not in parts,
    )


def _split(pattern: str) -> list[str]:
    """Return parts and separators in the order written."""
    parts: list[str] = []
    place = 0
    while place < len(pattern):
        match = _PART.match(pattern, place)
        if match is None or len(pattern) > _LONGEST:
            raise ParseError(
                f"calver:{_shown(pattern)} is not in calver.org's notation at {excerpt(pattern[place:])};"
                f" it is made of {_PARTS} with one of . - _ + ~ / or small letters between"
            )
        parts.append(match.group())
        place = match.end()
    return parts


def _refuse_wrong_units(pattern: str, units: Sequence[str]) -> None:
    if "year" not in units:
        raise ParseError(f"calver:{_shown(pattern)} has no year; a calendar version has YYYY, YY or 0Y")
    twice = sorted({unit for unit in units if units.count(unit) > 1})
    if twice:
        raise ParseError(f"calver:{_shown(pattern)} has its {twice[0]} twice; each part may be there once")
    if "modifier" in units[:-1]:
        raise ParseError(f"calver:{_shown(pattern)} goes on after MODIFIER, which must be the last part")


def _shape(pattern: str, parts: Sequence[str], place: int) -> str:
    """Return the regular expression of one part; a separator belongs to the optional part behind it."""
    part = parts[place]
    if part not in _UNITS:
        return "" if _is_optional(parts, place + 1) else re.escape(part)
    group = f"(?P<{_UNITS[part]}>{_digits(pattern, parts, place)})"
    if not _is_optional(parts, place):
        return group
    separator = parts[place - 1] if parts[place - 1] not in _UNITS else ""
    return f"(?:{re.escape(separator)}{group})?"


def _is_optional(parts: Sequence[str], place: int) -> bool:
    """Return whether this is a MODIFIER, or a MICRO behind a separator and before at most a MODIFIER."""
    behind = [part for part in parts[place:] if part in _UNITS]
    if behind[:1] == ["MODIFIER"]:
        return parts[place] == "MODIFIER"
    return (
        behind in (["MICRO"], ["MICRO", "MODIFIER"])
        and parts[place] == "MICRO"
        and parts[place - 1] not in _UNITS
    )


def _digits(pattern: str, parts: Sequence[str], place: int) -> str:
    part = parts[place]
    neighbours = {*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2]} - {"MODIFIER"}
    is_free = not neighbours & _UNITS.keys()
    if part == "MODIFIER":
        return "[A-Za-z][0-9A-Za-z._+-]*"
    if part == "YYYY":
        return "[0-9]{4}"
    if part in {"MAJOR", "MINOR", "MICRO"}:
        if not is_free:
            raise ParseError(
                f"calver:{_shown(pattern)} needs a separator at {part}, which has no fixed width"
            )
        return "[0-9]+"
    longest = 3 if _UNITS[part] == "year" else 2
    return f"[0-9]{{1,{longest}}}" if is_free else "[0-9]{2}"


def _by_significance(units: Sequence[str]) -> list[str]:
    """Return the units as written, without the modifier; those of a date take their places year first."""
    dates = iter([unit for unit in _CALENDAR if unit in units])
    return [next(dates) if unit in _CALENDAR else unit for unit in units if unit != "modifier"]


def _modifier_key(modifier: str) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """Return what orders a modifier: rc2 before rc10, rc before none, none before post."""
    words = _WORDS.findall(modifier.lower())
    if not words:
        return _PLAIN, ()
    rank = _RANKS.get(words[0])
    rest = words if rank is None else words[1:]
    order = tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in rest)
    return (_PLAIN + 1 if rank is None else rank), order


def _shown(pattern: str) -> str:
    return excerpt(pattern)[1:].replace("'", "")

"""Durations as people write them: `90s`, `2h30m`, `7d`, `0`."""

from __future__ import annotations

import re
from datetime import timedelta

from monitor.errors import ParseError

__all__ = ["LONGEST", "PATTERN", "parse_duration", "written"]

LONGEST = timedelta(days=3660)
# In falling order, each unit at most once; what JSON Schema shows to editors as well.
PATTERN = r"^(0|(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$"
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN = re.compile(
    r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII
)
_HINT = "write it like 90s, 2h30m or 7d"


def parse_duration(value: object) -> timedelta:
    """Return the span that a value of TOML says; weeks to seconds, each unit once, the largest first.

    Raises:
        ParseError: it is none, is negative, or is longer than ten years.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ParseError(f"a duration is a text; {_HINT}")
    if value in {0, "0"}:
        return timedelta(0)
    if isinstance(value, int):
        unit = "it has no unit" if value > 0 else "it is negative"
        raise ParseError(f"{value} is not a duration, for {unit}; {_HINT}")
    text = "".join(value.split())
    if text.startswith("-"):
        raise ParseError(f"a duration cannot be negative; {_HINT}")
    found = _WRITTEN.fullmatch(text)
    if not text or found is None:
        raise ParseError(f"this is not a duration; {_HINT}")
    counts = (int(count or 0) for count in found.groups())
    seconds = sum(count * unit for count, unit in zip(counts, _SECONDS.values(), strict=True))
    if seconds > LONGEST.total_seconds():
        raise ParseError(f"a duration is at most {LONGEST.days}d")
    return timedelta(seconds=seconds)


def written(span: timedelta) -> str:
    """Return the span as it is written in a file: `2h30m`, or `0`; parts of a second are dropped."""
    left, parts = int(span.total_seconds()), []
    for unit, seconds in _SECONDS.items():
        count, left = divmod(left, seconds) if unit != "w" else (0, left)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0"

"""Dotted numbers of any length, compared number by number: 249 < 2020.10 < 2020.10.1.

Zeros at the end do not count, so that 1, 1.0 and 1.0.0 are one version, as they are under PEP 440: projects
write 3.0 in one place and 3.0.0 in the other far more often than they release both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from monitor.versions.scheme import Key, Scheme, is_candidate, without_pattern

_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Numeric:
    name: str = "numeric"
    by_publication: bool = False

    def key(self, text: str) -> Key | None:
        if not is_candidate(text) or _NUMBERS.fullmatch(text) is None:
            return None
        numbers = [int(number) for number in text.split(".")]
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers.pop()
        return tuple(numbers)

    def dated(self, text: str) -> date | None:  # noqa: ARG002 Scheme's signature
        return None

    def prerelease(self, text: str) -> bool | None:  # noqa: ARG002 Scheme's signature
        return None


def scheme(pattern: str | None) -> Scheme:
    """Return the scheme; it takes no pattern."""
    without_pattern("numeric", pattern)
    return _Numeric()

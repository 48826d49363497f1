"""Calendar versions. `calver` alone is YYYYMMDD; `calver:PATTERN` takes calver.org's notation.

Eight digits that are no calendar day are a version all the same: metadata that names 99999999 by mistake is
well-formed, and must be told as a version that nobody has released.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.versions.notation import Notation, notation_of
from monitor.versions.scheme import Key, Scheme, is_candidate

_ALONE = "YYYY0M0D"


@dataclass(frozen=True, slots=True)
class _Calver:
    name: str
    notation: Notation
    by_publication: bool = False

    def key(self, text: str) -> Key | None:
        return self.notation.key(text) if is_candidate(text) else None

    def dated(self, text: str) -> date | None:
        return self.notation.dated(text) if is_candidate(text) else None

    def prerelease(self, text: str) -> bool | None:
        return self.notation.prerelease(text) if is_candidate(text) else None


def scheme(pattern: str | None) -> Scheme:
    """Return the scheme for this pattern.

    Raises:
        ParseError: the pattern is not in calver.org's notation.
    """
    return _Calver(
        name="calver" if pattern is None else f"calver:{pattern}",
        notation=notation_of(_ALONE if pattern is None else pattern),
    )

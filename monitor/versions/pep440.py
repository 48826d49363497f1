"""PEP 440, the order of Python packages; a local part counts: 1.0+ubuntu1 is newer than 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from packaging.version import InvalidVersion, Version

from monitor.versions.scheme import Key, Scheme, is_candidate, without_pattern


@dataclass(frozen=True, slots=True)
class _Pep440:
    name: str = "pep440"
    by_publication: bool = False

    def key(self, text: str) -> Key | None:
        return _parsed(text)

    def dated(self, text: str) -> date | None:  # noqa: ARG002 Scheme's signature
        return None

    def prerelease(self, text: str) -> bool | None:
        version = _parsed(text)
        return None if version is None else version.is_prerelease


def scheme(pattern: str | None) -> Scheme:
    """Return the scheme; it takes no pattern."""
    without_pattern("pep440", pattern)
    return _Pep440()


def _parsed(text: str) -> Version | None:
    if not is_candidate(text):
        return None
    try:
        return Version(text)
    except InvalidVersion:
        return None

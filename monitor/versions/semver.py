"""Semantic Versioning 2.0.0: exactly three numbers; build metadata does not count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from semver import Version

from monitor.versions.scheme import Key, Scheme, is_candidate, without_pattern


@dataclass(frozen=True, slots=True)
class _Semver:
    name: str = "semver"
    by_publication: bool = False

    def key(self, text: str) -> Key | None:
        return _parsed(text)

    def dated(self, text: str) -> date | None:  # noqa: ARG002 Scheme's signature
        return None

    def prerelease(self, text: str) -> bool | None:
        version = _parsed(text)
        return None if version is None else version.prerelease is not None


def scheme(pattern: str | None) -> Scheme:
    """Return the scheme; it takes no pattern."""
    without_pattern("semver", pattern)
    return _Semver()


def _parsed(text: str) -> Version | None:
    if not is_candidate(text):
        return None
    try:
        return Version.parse(text).replace(build=None)
    except ValueError:
        return None

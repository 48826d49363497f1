"""By publication alone: two versions are the same if their texts are, and the newer one was published later.

A key says nothing about order here; whoever orders by it must look at `by_publication` first. A source
without dates is a configuration error under this scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.versions.scheme import LONGEST, Key, Scheme, without_pattern


@dataclass(frozen=True, slots=True)
class _Published:
    name: str = "published"
    by_publication: bool = True

    def key(self, text: str) -> Key | None:
        return text if 0 < len(text) <= LONGEST else None

    def dated(self, text: str) -> date | None:  # noqa: ARG002 Scheme's signature
        return None

    def prerelease(self, text: str) -> bool | None:  # noqa: ARG002 Scheme's signature
        return None


def scheme(pattern: str | None) -> Scheme:
    """Return the scheme; it takes no pattern."""
    without_pattern("published", pattern)
    return _Published()

"""What a version scheme can do, and what all of them share: how much of a text they look at."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

from monitor.errors import ParseError

LONGEST = 256
"""No version is longer; what a scheme or a pattern does with a text is thereby bounded."""

_SHOWN = 60


class Key(Protocol):
    """A version as its scheme compares it: hashable, totally ordered among the keys of one scheme."""

    def __lt__(self, other: Any, /) -> bool: ...

    def __le__(self, other: Any, /) -> bool: ...

    def __gt__(self, other: Any, /) -> bool: ...

    def __ge__(self, other: Any, /) -> bool: ...

    def __hash__(self) -> int: ...


class Scheme(Protocol):
    """A way to compare versions. None of its methods raises or is slow, whatever the text."""

    @property
    def name(self) -> str:
        """The name by which `scheme_named` gives this scheme, its pattern included."""
        ...

    @property
    def by_publication(self) -> bool:
        """Whether order is that of publication; a key then says only whether two versions are the same."""
        ...

    def key(self, text: str) -> Key | None:
        """Return what this version is compared by; None where the text is no version of this scheme.

        Equality of keys is the scheme's (under PEP 440, 1.0 is 1.0.0), not that of the texts.
        """
        ...

    def dated(self, text: str) -> date | None:
        """Return the full date that is the version's own; only `calver` has any, and not every one of it."""
        ...

    def prerelease(self, text: str) -> bool | None:
        """Return whether the version says itself that it is a pre-release; None where it cannot say.

        It stands in for what the source cannot tell: a `Release` whose own `prerelease` is None (git tags,
        the Atom feed, a document without `prerelease_path`) is a pre-release where this is True, so that
        3.0.0rc1 is not held to be missing from metadata that names 2.9. What a source does say goes before.
        """
        ...


def is_candidate(text: str) -> bool:
    """Return whether a text can be a version of any scheme but `published`: ASCII and not too long.

    Digits and letters of other alphabets look like versions to `int` and to `re`.
    """
    return len(text) <= LONGEST and text.isascii()


def without_pattern(name: str, pattern: str | None) -> None:
    """Refuse a pattern where the scheme takes none.

    Raises:
        ParseError: there is a pattern.
    """
    if pattern is not None:
        raise ParseError(
            f"the scheme {name} takes no pattern; write {name!r} alone, not {excerpt(name + ':' + pattern)}"
        )


def excerpt(text: str) -> str:
    """Return an untrusted text for a sentence: quoted, printable ASCII, cut short."""
    return ascii(text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")

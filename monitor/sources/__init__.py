"""Source kinds: how a version is learnt from what a server answers. One file a kind, found by its name.

A file of this room is a kind if it has a `KIND`; one whose name begins with `_` is loaded only when its
kind needs it, for what it imports is heavy. A kind does no I/O: its dialogue yields a `Request`, is sent
the `Document` that came, and returns a `Reading`; what it cannot read is a ParseError with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from monitor.errors import ParseError
from monitor.model import Dialogue, Source
from monitor.sources.kind import Kind, Refusal
from monitor.sources.naming import comb
from monitor.sources.patterns import problem_with
from monitor.versions import excerpt

__all__ = ["Kind", "Refusal", "comb", "kind_named", "kinds", "pattern_of", "problem_with", "read"]


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its name, in alphabetical order."""
    files = (module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    found = map(_kind, files)
    return MappingProxyType({kind.name: kind for kind in found if kind is not None})


def kind_named(name: str) -> Kind:
    """Return the kind of this name.

    Raises:
        ParseError: there is none.
    """
    kind = kinds().get(name)
    if kind is None:
        raise ParseError(f"there is no source kind {excerpt(name)}; the kinds are {', '.join(kinds())}")
    return kind


def read(source: Source) -> Dialogue:
    """Return the dialogue that reads this source.

    Raises:
        ParseError: a document is not what it should be; raised as the dialogue goes on.
    """
    return kind_named(source.kind).read(source.spec)


def pattern_of(source: Source) -> str | None:
    """Return the source's own `pattern`, where its kind has that key and it is set."""
    pattern: str | None = getattr(source.spec, "pattern", None)
    return pattern


def _kind(module: str) -> Kind | None:
    kind: Kind | None = getattr(import_module(f"{__name__}.{module}"), "KIND", None)
    return kind

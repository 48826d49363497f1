"""The last good document of each metadata side, for those who come after us in the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor import sources
from monitor.errors import ParseError
from monitor.fetcher import Fetcher
from monitor.model import Document, Request, Side, Target
from monitor.sources import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A document, and the source that it was an answer to."""

    target: Target
    document: Document


class Shelf:
    """Keeps what is good; after a start, until a side was read, the fetcher's cache is asked.

    `targets` are those of the configuration in force.
    """

    def __init__(self, fetcher: Fetcher, targets: Callable[[], Mapping[str, Target]]) -> None:
        self._fetcher = fetcher
        self._targets = targets
        self._kept: dict[str, _Kept] = {}
        self._bad: dict[str, bytes] = {}

    def heard(self, name: str, side: Side, request: Request, document: Document) -> None:  # noqa: ARG002 the poller's signature
        """Take a document that came, and keep it if it is good; the same bytes are looked at once."""
        target = self._targets().get(name)
        if side is not Side.METADATA or target is None or self._bad.get(name) == document.body:
            return
        kept = self._kept.get(name)
        is_same = kept is not None and kept.target == target and kept.document.body == document.body
        if is_same or _is_good(target, document):
            self._kept[name] = _Kept(target=target, document=document)
            self._bad.pop(name, None)
        else:
            self._bad[name] = document.body

    def document(self, target: Target) -> Document | None:
        """Return the last document that gives a version of this target as it is configured now."""
        kept = self._kept.get(target.name)
        if kept is not None and kept.target == target:
            return kept.document
        return self._cached(target)

    def _cached(self, target: Target) -> Document | None:
        dialogue = sources.read(target.metadata)
        try:
            cached = self._fetcher.cached(next(dialogue))
        finally:
            dialogue.close()
        return cached if cached is not None and _is_good(target, cached) else None


def _is_good(target: Target, document: Document) -> bool:
    """Return whether this one document, read as a look reads it, names a version."""
    dialogue = sources.read(target.metadata)
    try:
        next(dialogue)
        dialogue.send(document)
    except StopIteration as end:
        reading = sources.comb(end.value, sources.pattern_of(target.metadata))
        return bool(reading.releases)
    except (ParseError, Refusal):
        return False
    finally:
        dialogue.close()
    # A side that takes several questions has no one document that could be handed on.
    return False

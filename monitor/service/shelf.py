"""The last good document of each metadata side, for those who come after us in the chain."""

from __future__ import annotations

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
    """Keeps what is good; after a start, until a side was read, the fetcher's cache is asked."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._heard: dict[str, Document] = {}
        self._kept: dict[str, _Kept] = {}

    def heard(self, name: str, side: Side, request: Request, document: Document) -> None:  # noqa: ARG002
        """Note a document that came; whether it is good is found out when it is asked for, or replaced."""
        if side is Side.METADATA:
            self._heard[name] = document

    def document(self, target: Target) -> Document | None:
        """Return the last document that gives a version of this target as it is configured now."""
        kept = self._kept.get(target.name)
        if kept is not None and kept.target != target:
            kept = self._kept.pop(target.name) and None
        heard = self._heard.get(target.name)
        if heard is not None and (kept is None or heard is not kept.document):
            if _is_good(target, heard):
                kept = self._kept[target.name] = _Kept(target=target, document=heard)
            else:
                del self._heard[target.name]
        return kept.document if kept is not None else self._cached(target)

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

"""Look at one side of one target: drive its dialogue over the fetcher."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from yarl import URL

from monitor import sources
from monitor.errors import ParseError
from monitor.fetcher import Fetcher, Freshness, NoAnswer
from monitor.model import (
    Clock,
    Dialogue,
    Document,
    Failure,
    Got,
    Observation,
    Reading,
    Reason,
    Request,
    Side,
    Target,
)
from monitor.sources.kind import Refusal

# A paging loop that never ends is the server's fault; nothing that is watched needs more.
MOST_REQUESTS = 30
# Larger documents are taken apart in a thread: the loop must not stall on a list of a thousand releases.
LARGE = 64 * 1024
_NOTHING = Reading(releases=())

Heard = Callable[[str, Side, Request, Document], None]
"""Who wants to know of every document: target, side, what was asked, what came."""


@dataclass(slots=True)
class _Talk:
    """What is gathered while one dialogue is driven."""

    documents: list[Document] = field(default_factory=list)
    hosts: dict[str, None] = field(default_factory=dict)
    status: int = 0
    attempts: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The document that a side last gave, and what was read: the same bytes are not parsed again."""

    target: Target
    request: Request
    body: bytes
    reading: Reading


class Poller:
    """Looks: drives dialogues over the fetcher. What comes is a value; recording is `record`'s."""

    def __init__(self, fetcher: Fetcher, clock: Clock, heard: Heard | None = None) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._heard = heard
        self._known: dict[tuple[str, Side], _Known] = {}

    async def look(
        self,
        target: Target,
        side: Side,
        freshness: Freshness = Freshness.CONDITIONAL,
        *,
        confirm: bool = False,
    ) -> Observation:
        """Return what this side says now; what goes wrong at the source is a `Failure`, not raised."""
        talk = _Talk()
        started_at = self._clock.monotonic()
        outcome = await self._outcome(target, side, freshness, talk)
        return Observation(
            target=target.name,
            side=side,
            at=self._clock.now(),
            outcome=outcome,
            got=_got(talk, timedelta(seconds=self._clock.monotonic() - started_at), confirm=confirm),
        )

    def forget(self, name: str) -> None:
        """Drop what was kept of this target's documents; its source has changed or it is gone."""
        for side in Side:
            self._known.pop((name, side), None)

    async def _outcome(
        self, target: Target, side: Side, freshness: Freshness, talk: _Talk
    ) -> Reading | Failure:
        dialogue = sources.read(target.source(side))
        try:
            return await self._converse(target, side, dialogue, freshness, talk)
        except NoAnswer as error:
            talk.status, talk.attempts = error.status, talk.attempts + error.attempts
            talk.received += error.received
            return error.failure
        except Refusal as refusal:
            return refusal.failure
        except ParseError as error:
            return Failure(reason=Reason.MALFORMED, sentence=str(error))
        finally:
            dialogue.close()

    async def _converse(
        self, target: Target, side: Side, dialogue: Dialogue, freshness: Freshness, talk: _Talk
    ) -> Reading:
        first = request = next(dialogue)
        for _ in range(MOST_REQUESTS):
            talk.hosts[host_of(request.url)] = None
            document = await self._fetcher.fetch(request, freshness)
            _note(talk, document)
            if self._heard is not None:
                self._heard(target.name, side, request, document)
            if request is first and (known := self._same(target, side, first, document)) is not None:
                return known.reading
            asked, reading = await _sent(dialogue, document)
            if asked is None:
                return self._combed(target, side, first, talk, reading)
            request = asked
        raise ParseError(
            f"{target.name}: the {side} go on after {MOST_REQUESTS} pages; that is not a list of releases"
        )

    def _same(self, target: Target, side: Side, request: Request, document: Document) -> _Known | None:
        known = self._known.get((target.name, side))
        if known is None or known.target is not target:
            return None
        return known if known.request == request and known.body == document.body else None

    def _combed(self, target: Target, side: Side, first: Request, talk: _Talk, reading: Reading) -> Reading:
        pattern = sources.pattern_of(target.source(side))
        if side is Side.RELEASES:
            pattern = target.policy.tags or pattern
        combed = sources.comb(reading, pattern)
        key = (target.name, side)
        self._known.pop(key, None)
        if len(talk.documents) == 1:
            body = talk.documents[0].body
            self._known[key] = _Known(target=target, request=first, body=body, reading=combed)
        return combed


@lru_cache(maxsize=20_000)
def host_of(url: str) -> str:
    """Return host and port as one text; every look asks the same addresses."""
    return URL(url).host_port_subcomponent or ""


async def _sent(dialogue: Dialogue, document: Document) -> tuple[Request | None, Reading]:
    """Send one document in; return the next request, or None and the reading."""
    if len(document.body) <= LARGE:
        return _advance(dialogue, document)
    return await asyncio.to_thread(_advance, dialogue, document)


def _advance(dialogue: Dialogue, document: Document) -> tuple[Request | None, Reading]:
    try:
        return dialogue.send(document), _NOTHING
    except StopIteration as end:
        return None, end.value


def _note(talk: _Talk, document: Document) -> None:
    talk.documents.append(document)
    talk.status = 304 if document.unchanged else document.status
    talk.attempts += document.attempts
    talk.received += document.received


def _got(talk: _Talk, latency_for: timedelta, *, confirm: bool) -> Got:
    ages = [document.cache_age_for for document in talk.documents if document.cache_age_for is not None]
    return Got(
        status=talk.status,
        latency_for=max(latency_for, timedelta(0)),
        attempts=talk.attempts,
        received=talk.received,
        cache_age_for=max(ages, default=None),
        unchanged=bool(talk.documents) and all(document.unchanged for document in talk.documents),
        confirm=confirm,
        hosts=tuple(talk.hosts),
    )

"""One fetch from its first byte to its last: attempts, redirects, and what the answers mean."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

import aiohttp

from monitor.fetcher.answers import document_of, renewed, validators_of
from monitor.fetcher.body import read_body, read_start
from monitor.fetcher.cache import Cache, differs
from monitor.fetcher.faults import CAUGHT, Again, Trouble, of_deadline, of_error, phrase, trouble
from monitor.fetcher.guard import Passage, Reach, passage, reach_of_host
from monitor.fetcher.hops import MOST_REDIRECTS, Hop, HopError, Plan, Planner
from monitor.fetcher.limits import (
    Limits,
    held_until,
    hold_until,
    is_graphql_limit,
    is_graphql_spent,
    is_limit,
    is_spent,
)
from monitor.fetcher.masking import authority_of, mask
from monitor.fetcher.quotas import Quotas
from monitor.fetcher.session import Traffic
from monitor.model import Clock, Document, Reason, Request

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DRAINED = 16_384
_NO_CONDITIONS: Mapping[str, str] = {}
_NO_CACHE: Mapping[str, str] = {"Cache-Control": "no-cache", "Pragma": "no-cache"}


class Freshness(Enum):
    """Whether a cache may answer: `UNCONDITIONAL` sends no validators and asks every cache to step aside."""

    CONDITIONAL = "conditional"
    UNCONDITIONAL = "unconditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all fetches use.

    `seconds` is a whole fetch's deadline, `timeout` a connection's, and `pauses` the longest wait before each
    further attempt.
    """

    session: aiohttp.ClientSession
    clock: Clock
    cache: Cache
    limits: Limits
    quotas: Quotas
    traffic: Traffic
    seconds: float
    timeout: aiohttp.ClientTimeout
    pauses: tuple[timedelta, ...]


class Exchange:
    """One fetch; its public attributes tell how it went, also where it failed."""

    __slots__ = (
        "_cached",
        "_freshness",
        "_hop",
        "_passage",
        "_plan",
        "_planner",
        "_request",
        "_shared",
        "attempts",
        "has_answered",
        "received",
        "status",
    )

    def __init__(
        self, shared: Shared, planner: Planner, plan: Plan, request: Request, freshness: Freshness
    ) -> None:
        self._shared = shared
        self._planner = planner
        self._plan = plan
        self._request = request
        self._freshness = freshness
        self._hop = plan.first
        self._passage = Passage(plan.reach)
        self._cached: Document | None = None
        self.status = 0
        self.attempts = 0
        self.received = 0
        self.has_answered = False

    def explained(self, sentence: str) -> str:
        """Return the sentence, with the configured address in it where a redirect had led away from it."""
        first = mask(self._plan.first.url)
        if self._hop is self._plan.first or first in sentence:
            return sentence
        return f"{sentence}; {first} redirected there"

    async def run(self) -> Document | Trouble:
        """Make the attempts, all within the one deadline."""
        shared = self._shared
        if self._request.body is None:  # RFC 9110 lets a server refuse a conditional POST (13.1.2: 412)
            self._cached = shared.cache.get(self._plan.key)
        self._passage.is_kept = shared.traffic.is_busy(self._plan.first.host, shared.clock.monotonic())
        token = passage.set(self._passage)
        try:
            return await self._attempts()
        finally:
            passage.reset(token)

    async def _attempts(self) -> Document | Trouble:
        """Return the first document, or the trouble of the last attempt.

        The deadline is the event loop's: a clock that is moved by hand must not make a fetch endless, nor end
        it early when hours are skipped.
        """
        shared = self._shared
        outcome: Document | Trouble | None = None
        try:
            async with asyncio.timeout(shared.seconds):
                outcome = await self._attempt()
                for longest in shared.pauses:
                    if not isinstance(outcome, Trouble) or outcome.again is Again.NO:
                        break
                    await shared.clock.sleep(self._jittered(longest))
                    outcome = None
                    outcome = await self._attempt()
        except TimeoutError:
            pass  # while waiting for another attempt, the last one's trouble stands
        if outcome is not None:
            return outcome
        where, seconds = mask(self._hop.url), shared.seconds
        return of_deadline(where, passage=self._passage, answered=self.status != 0, seconds=seconds)

    def _jittered(self, longest: timedelta) -> timedelta:
        """Return a wait with full jitter; none where a kept connection was closed, which says nothing."""
        if self.attempts == 1 and self.status == 0 and self._passage.was_kept:
            return timedelta(0)
        return random.uniform(0.0, 1.0) * longest  # noqa: S311 a pause, no secret

    async def _attempt(self) -> Document | Trouble:
        """Follow the request to a document or a trouble, over at most five redirects."""
        self._hop = self._plan.first
        self._passage.limit = self._plan.reach
        for _ in range(MOST_REDIRECTS + 1):
            try:
                outcome = self._held() or await self._ask(self._hop)
            except HopError as error:
                return trouble(Reason.REFUSED, str(error))
            except CAUGHT as error:
                where = mask(self._hop.url)
                return of_error(error, where, passage=self._passage, answered=self.status != 0)
            if not isinstance(outcome, Hop):
                return outcome
            self._hop = outcome
        where = mask(self._plan.first.url)
        return trouble(Reason.REFUSED, f"{where} redirects more than {MOST_REDIRECTS} times")

    def _held(self) -> Trouble | None:
        """Return the trouble that this hop's host asked not to be asked yet."""
        host = self._hop.host
        until_at = held_until(self._shared.limits, host, self._shared.clock)
        if until_at is None:
            return None
        sentence = f"{host} wants to be left alone until {until_at:%Y-%m-%d %H:%M:%S} UTC; it was not asked"
        return trouble(Reason.LIMITED, sentence, answered=False, retry_at=until_at)

    async def _ask(self, hop: Hop) -> Document | Trouble | Hop:
        """Make one request and judge its answer; raises `HopError` and what `CAUGHT` names."""
        if hop is self._plan.first:
            self.attempts += 1
        self.status = 0
        self._passage.depart(None if hop.proxy is None else authority_of(hop.proxy.url))
        if hop.proxy is not None:
            self._pass_by_proxy(hop)
        conditions = self._conditions(hop)
        body = self._request.body
        response = await self._shared.session.request(
            "GET" if body is None else "POST",
            hop.url,
            data=body,
            headers={**hop.headers, **conditions} if conditions else hop.headers,
            allow_redirects=False,
            timeout=self._shared.timeout,
            proxy=None if hop.proxy is None else hop.proxy.url,
            proxy_headers=None if hop.proxy is None else hop.proxy.headers,
        )
        try:
            self.status = response.status
            self.has_answered = True
            return await self._judge(hop, response, conditions)
        finally:
            self.received += response.content.total_bytes
            response.release()

    def _conditions(self, hop: Hop) -> Mapping[str, str]:
        """Return the validators for where the document came from, or what tells caches to step aside."""
        if self._freshness is Freshness.UNCONDITIONAL:
            return _NO_CACHE
        if self._cached is None or not self._cached.url.startswith(hop.origin):
            return _NO_CONDITIONS
        return validators_of(self._cached)

    def _pass_by_proxy(self, hop: Hop) -> None:
        """Judge as much of the address as can be known where a proxy resolves the name."""
        reach = reach_of_host(hop.url.host or "")
        if reach > self._passage.limit or reach is Reach.NOWHERE:
            raise HopError(f"{mask(hop.url)} is nearer than the configured URL may lead; it was not asked")
        self._passage.reached = reach

    async def _judge(
        self, hop: Hop, response: aiohttp.ClientResponse, conditions: Mapping[str, str]
    ) -> Document | Trouble | Hop:
        status = response.status
        self._note_quota(hop, response)
        if status == 200:
            return await self._whole(hop, response)
        if status == 304 and self._cached is not None and conditions not in (_NO_CACHE, _NO_CONDITIONS):
            if is_spent(response.headers):
                self._limited(hop, response)
            return renewed(self._cached, response, attempts=self.attempts)
        if status in _REDIRECTS:
            return await self._redirected(hop, response)
        return await self._denied(hop, response)

    def _note_quota(self, hop: Hop, response: aiohttp.ClientResponse) -> None:
        sent = self._plan.credential if hop is self._plan.first else None
        self._shared.quotas.note(hop.host, sent, response.headers, self._shared.clock.now())

    async def _whole(self, hop: Hop, response: aiohttp.ClientResponse) -> Document | Trouble:
        body = await read_body(response, self._request.max_bytes)
        spent = is_spent(response.headers)
        # What is read by GET may well write of limits.
        if (spent or self._request.body is not None) and is_graphql_limit(body):
            return self._limited(hop, response, spent=is_graphql_spent(body))
        if spent:
            self._limited(hop, response)
        received = self.received + response.content.total_bytes
        document = document_of(response, body, attempts=self.attempts, received=received)
        if self._request.body is None:
            self._keep(document)
        return document

    def _keep(self, document: Document) -> None:
        cached = self._cached
        if document.etag is None and document.last_modified is None:
            if cached is not None:
                self._shared.cache.drop(self._plan.key)
        elif cached is None or differs(cached, document):
            self._shared.cache.put(self._plan.key, document)

    async def _redirected(self, hop: Hop, response: aiohttp.ClientResponse) -> Hop:
        if self._request.body is not None and response.status not in {307, 308}:
            raise HopError(
                f"{mask(hop.url)} redirects a POST with {phrase(response.status)}, which would lose its body"
            )
        onward = self._planner.redirected(hop, response.headers.get("Location", ""))
        self._passage.limit = min(self._passage.limit, self._passage.reached)
        if response.content_length is not None and response.content_length <= _DRAINED:
            await response.read()  # so that the connection can be used again
        return onward

    async def _denied(self, hop: Hop, response: aiohttp.ClientResponse) -> Trouble:
        """Return what any status but 200, an asked 304 and a redirect means."""
        status = response.status
        start = await read_start(response) if status == 403 else b""
        if is_limit(status, response.headers, start):
            return self._limited(hop, response)
        sentence = f"{mask(hop.url)} answered {phrase(status)}"
        if status >= 500:
            return trouble(Reason.UNREACHABLE, sentence, again=Again.YES)
        if status >= 400:
            return trouble(Reason.REFUSED, sentence)
        return trouble(Reason.MALFORMED, f"{sentence}, where 200 OK was to be expected")

    def _limited(self, hop: Hop, response: aiohttp.ClientResponse, *, spent: bool = False) -> Trouble:
        until_at = hold_until(response.headers, self._shared.clock.now(), spent=spent)
        self._shared.limits.hold(hop.host, until_at)
        # GraphQL's limits come with 200 OK, which is what they are not.
        what = phrase(response.status) if response.status != 200 else "that its limit is reached"
        sentence = (
            f"{mask(hop.url)} answered {what}: {hop.host} wants to be left alone "
            f"until {until_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        return trouble(Reason.LIMITED, sentence, retry_at=until_at)

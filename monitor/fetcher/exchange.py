"""One fetch from its first byte to its last: attempts, redirects, and what the answers mean."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

import aiohttp

from monitor.fetcher.answers import document_of, renewed, validators_of
from monitor.fetcher.body import read_body, read_start
from monitor.fetcher.cache import Cache, differs
from monitor.fetcher.faults import CAUGHT, Again, Trouble, of_error, phrase, trouble
from monitor.fetcher.guard import Passage, Reach, passage, reach_of_host
from monitor.fetcher.hops import MOST_REDIRECTS, Hop, HopError, Plan, Planner
from monitor.fetcher.limits import Limits, held_until, hold_until, is_limit, is_spent
from monitor.fetcher.masking import mask
from monitor.fetcher.session import Traffic
from monitor.model import Clock, Document, Reason, Request

_MOST_ATTEMPTS = 3
_LONGEST_WAITS = (0.5, 1.5)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DRAINED = 16_384
_NO_CACHE = {"Cache-Control": "no-cache", "Pragma": "no-cache"}


class Freshness(Enum):
    """Whether a cache may answer: `UNCONDITIONAL` sends no validators and asks every cache to step aside."""

    CONDITIONAL = "conditional"
    UNCONDITIONAL = "unconditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all fetches use; `seconds` is a whole fetch's deadline, `timeout` that of its first request."""

    session: aiohttp.ClientSession
    clock: Clock
    cache: Cache
    limits: Limits
    traffic: Traffic
    seconds: float
    timeout: aiohttp.ClientTimeout


class Exchange:
    """One fetch; its public attributes tell how it went, also where it failed."""

    __slots__ = (
        "_cached",
        "_ends_at",
        "_freshness",
        "_is_first",
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
        self._passage = Passage(plan.reach)
        self._cached: Document | None = None
        self._ends_at = 0.0
        self._is_first = True
        self.status = 0
        self.attempts = 0
        self.received = 0
        self.has_answered = False

    def held(self, hop: Hop) -> Trouble | None:
        """Return the trouble that this hop's host asked not to be asked yet."""
        if self._shared.limits.until(hop.host) is None:
            return None
        until_at = held_until(self._shared.limits, hop.host, self._shared.clock.now())
        if until_at is None:
            return None
        sentence = (
            f"{hop.host} wants to be left alone until {until_at:%Y-%m-%d %H:%M:%S} UTC; it was not asked"
        )
        return trouble(Reason.LIMITED, sentence, answered=False, retry_at=until_at)

    async def run(self) -> Document | Trouble:
        """Make up to three attempts within the one deadline."""
        shared = self._shared
        started_at = shared.clock.monotonic()
        self._ends_at = started_at + shared.seconds
        self._cached = shared.cache.get(self._plan.key)
        self._passage.is_kept = shared.traffic.is_busy(self._plan.first.host, started_at)
        token = passage.set(self._passage)
        try:
            outcome = await self._attempt()
            while isinstance(outcome, Trouble) and await self._may_try_again(outcome):
                outcome = await self._attempt()
        finally:
            passage.reset(token)
        return outcome

    async def _may_try_again(self, outcome: Trouble) -> bool:
        """Wait with full jitter before another attempt; false where none is due or none fits the deadline."""
        if outcome.again is Again.NO or self.attempts >= _MOST_ATTEMPTS:
            return False
        wait = random.uniform(0.0, _LONGEST_WAITS[self.attempts - 1])  # noqa: S311
        # A kept connection that was closed meanwhile says nothing about the server.
        if self._passage.is_kept and self._passage.dialled == 0 and self.attempts == 1:
            wait = 0.0
        if self._shared.clock.monotonic() + wait >= self._ends_at:
            return False
        await self._shared.clock.sleep(timedelta(seconds=wait))
        return True

    async def _attempt(self) -> Document | Trouble:
        """Follow the request to a document or a trouble, over at most five redirects."""
        hop = self._plan.first
        self._passage.limit = self._plan.reach
        for _ in range(MOST_REDIRECTS + 1):
            held = self.held(hop)
            if held is not None:
                return held
            try:
                outcome = await self._ask(hop)
            except HopError as error:
                return trouble(Reason.REFUSED, str(error))
            except CAUGHT as error:
                where = mask(hop.url)
                seconds = self._shared.seconds
                return of_error(error, where, passage=self._passage, status=self.status, seconds=seconds)
            if not isinstance(outcome, Hop):
                return outcome
            hop = outcome
        where = mask(self._plan.first.url)
        return trouble(Reason.REFUSED, f"{where} redirects more than {MOST_REDIRECTS} times")

    async def _ask(self, hop: Hop) -> Document | Trouble | Hop:
        """Make one request and judge its answer; raises `HopError` and what `CAUGHT` names."""
        if hop is self._plan.first:
            self.attempts += 1
        self.status = 0
        self._passage.dialled = 0
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
            timeout=self._timeout(),
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

    def _timeout(self) -> aiohttp.ClientTimeout:
        if self._is_first:
            self._is_first = False
            return self._shared.timeout
        left = max(self._ends_at - self._shared.clock.monotonic(), 0.001)
        return aiohttp.ClientTimeout(total=left, sock_connect=min(left, self._shared.seconds / 3))

    def _conditions(self, hop: Hop) -> Mapping[str, str]:
        """Return the validators for where the document came from, or what tells caches to step aside."""
        if self._freshness is Freshness.UNCONDITIONAL:
            return _NO_CACHE
        if self._cached is None or not self._cached.url.startswith(hop.origin):
            return {}
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
        if status == 200:
            return await self._whole(hop, response)
        is_asked = "If-None-Match" in conditions or "If-Modified-Since" in conditions
        if status == 304 and is_asked and self._cached is not None:
            return renewed(self._cached, response, attempts=self.attempts)
        if status in _REDIRECTS:
            return await self._redirected(hop, response)
        return await self._denied(hop, response)

    async def _whole(self, hop: Hop, response: aiohttp.ClientResponse) -> Document | Trouble:
        body = await read_body(response, self._request.max_bytes)
        if is_spent(response.headers):
            limited = self._limited(hop, response)
            # GitHub's GraphQL says so with a 200.
            if b'"RATE_LIMITED"' in body[:_DRAINED]:
                return limited
        received = self.received + response.content.total_bytes
        document = document_of(response, body, attempts=self.attempts, received=received)
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

    def _limited(self, hop: Hop, response: aiohttp.ClientResponse) -> Trouble:
        until_at = hold_until(response.headers, self._shared.clock.now())
        self._shared.limits.hold(hop.host, until_at)
        sentence = (
            f"{mask(hop.url)} answered {phrase(response.status)}: {hop.host} wants to be left alone "
            f"until {until_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        return trouble(Reason.LIMITED, sentence, retry_at=until_at)

"""The fetcher: what is shared by all fetches, and the way in."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import aiohttp

from monitor import __version__
from monitor.errors import FetchError
from monitor.fetcher.cache import Cache
from monitor.fetcher.exchange import Exchange, Freshness, Shared
from monitor.fetcher.faults import trouble
from monitor.fetcher.hops import HopError, Plan, Planner
from monitor.fetcher.limits import Limits
from monitor.fetcher.masking import scrub
from monitor.fetcher.proxies import Proxies
from monitor.fetcher.quotas import Quota, Quotas
from monitor.fetcher.session import MOST_PER_HOST, Traffic
from monitor.model import Clock, Credential, Document, Failure, Reason, Request

__all__ = ["USER_AGENT", "Fetcher", "Freshness", "NoAnswer"]

USER_AGENT = f"tagdrift/{__version__} (+https://github.com/tagdrift/tagdrift)"
PAUSES = (timedelta(seconds=0.5), timedelta(seconds=1.5))
# Each TLS connection holds a third of a megabyte while it stands; more than 20 gain nothing.
_AT_ONCE = 30
_MOST_PLANS = 20_000


class NoAnswer(FetchError):  # noqa: N818  (a fact about the source, not a fault of ours)
    """No usable document came; `attempts` is 0 where nobody was asked (a held host, a bad address)."""

    def __init__(self, failure: Failure, *, status: int = 0, attempts: int = 0, received: int = 0) -> None:
        super().__init__(failure.sentence)
        self.failure = failure
        self.status = status
        self.attempts = attempts
        self.received = received


class Fetcher:
    """Fetches documents, politely and distrustfully; one for the whole daemon.

    `deadline_for` bounds a fetch with all its attempts, waits and redirects, but not its waiting for a turn:
    30 fetches run at once, 10 to one host. `allowed_hosts` are the hosts of the configuration (`host` or
    `host:port`); an address outside them, handed out by a server, reaches public addresses only and is sent
    no credential. None takes every address asked for as configured. `pauses` are the longest waits before the
    second attempt, the third and so on.
    """

    def __init__(  # noqa: PLR0917 what a fetch goes by, in the order of the rooms
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        credentials: Mapping[str, Credential],
        cache: Cache,
        limits: Limits,
        user_agent: str = USER_AGENT,
        deadline_for: timedelta = timedelta(seconds=30),
        allowed_hosts: Collection[str] | None = None,
        proxies: Proxies | None = None,
        pauses: tuple[timedelta, ...] = PAUSES,
    ) -> None:
        seconds = deadline_for.total_seconds()
        self._shared = Shared(
            session=session,
            clock=clock,
            cache=cache,
            limits=limits,
            quotas=Quotas(),
            traffic=Traffic(),
            seconds=seconds,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=seconds / 3),
            pauses=pauses,
        )
        self._planner = Planner(
            credentials=dict(credentials),
            user_agent=user_agent,
            proxies=Proxies.from_environment() if proxies is None else proxies,
            allowed_hosts=None if allowed_hosts is None else frozenset(allowed_hosts),
        )
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._turns_by_host: dict[str, asyncio.Semaphore] = {}

    def use(
        self, credentials: Mapping[str, Credential], allowed_hosts: Collection[str] | None = None
    ) -> None:
        """Go by other credentials and hosts; what was cached under a changed credential is dropped."""
        before = self._planner
        self._planner = Planner(
            credentials=dict(credentials),
            user_agent=before.user_agent,
            proxies=before.proxies,
            allowed_hosts=None if allowed_hosts is None else frozenset(allowed_hosts),
        )
        for plan in self._plans.values():
            name = plan.credential
            if name is not None and before.credentials.get(name) != credentials.get(name):
                self._shared.cache.drop(plan.key)
        self._plans.clear()

    def quotas(self) -> tuple[Quota, ...]:
        """Return how many questions hosts still answer, as far as their answers have said."""
        return self._shared.quotas.known(self._shared.clock.now())

    def cached(self, request: Request) -> Document | None:
        """Return what was last fetched for this request, be it of before the start; nobody is asked."""
        try:
            return self._shared.cache.get(self._plan(request).key)
        except HopError:
            return None

    async def fetch(self, request: Request, freshness: Freshness = Freshness.CONDITIONAL) -> Document:
        """Return the document; a 304 is answered from the cache, with `unchanged`.

        Raises:
            NoAnswer: nothing usable came; its `failure` says why.
        """
        try:
            plan = self._plan(request)
        except HopError as error:
            refused = trouble(Reason.REFUSED, str(error), answered=False)
        else:
            return await self._fetched(plan, request, freshness)
        raise NoAnswer(refused.failure)

    async def _fetched(self, plan: Plan, request: Request, freshness: Freshness) -> Document:
        exchange = Exchange(self._shared, self._planner, plan, request, freshness)
        async with self._turn_at(plan.first.host), self._turns:
            outcome = await exchange.run()
        if isinstance(outcome, Document):
            return outcome
        # Raised here and not where it was caught: a chained exception of aiohttp's would show the whole URL.
        raise NoAnswer(
            replace(
                outcome.failure,
                sentence=scrub(exchange.explained(outcome.failure.sentence), plan.secrets),
                answered=outcome.failure.answered or exchange.has_answered,
                is_local=outcome.failure.is_local and not exchange.has_answered,
            ),
            status=exchange.status,
            attempts=exchange.attempts,
            received=exchange.received,
        )

    def _turn_at(self, host: str) -> asyncio.Semaphore:
        turn = self._turns_by_host.get(host)
        if turn is None:
            turn = self._turns_by_host[host] = asyncio.Semaphore(MOST_PER_HOST)
        return turn

    def _plan(self, request: Request) -> Plan:
        key = (request.url, request.accept, request.credential, request.body, *request.headers.items())
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._planner.plan(request)
        return plan

"""The pages: what the house lets them do, and when they are served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from monitor.config import DaemonConfig, shown, write
from monitor.errors import ConfigError
from monitor.fetcher import Quota
from monitor.model import Clock, Document, Side, Target, TargetState
from monitor.service.picturing import sketch_of_house
from monitor.service.rooms import Rooms
from monitor.status import Daemon, Status
from monitor.store import Ledger, Reader

if TYPE_CHECKING:
    from monitor.web.hands import Counts
    from monitor.web.server import Server

log = logging.getLogger(__name__)

T = TypeVar("T")
TRY_EVERY_SECONDS = 15.0


class Hands:
    """What the pages may do with this house; `generation` counts the configurations that were in force."""

    def __init__(self, rooms: Rooms, clock: Clock) -> None:
        self._rooms = rooms
        self._house = rooms.house
        self._clock = clock
        self._started_at = clock.now()
        self.loaded_at = self._started_at
        self.generation = 1
        self.last_tick_at: datetime | None = None

    @property
    def clock(self) -> Clock:
        """The time."""
        return self._clock

    @property
    def reader(self) -> Reader:
        """The history."""
        return self._house.store.reader

    @property
    def settings(self) -> DaemonConfig:
        """What concerns the process, of the configuration in force."""
        return self._house.config.daemon

    @property
    def targets(self) -> Mapping[str, Target]:
        """What is watched."""
        return self._house.config.targets

    @property
    def ticks(self) -> int:
        """How often the house was woken."""
        return self._house.ticks

    @property
    def counts(self) -> Counts:
        """What was counted since the start."""
        from monitor.web.hands import Counts

        tally = self._house.tally
        return Counts(
            looks=dict(tally.looks),
            latencies={side: tuple(counts) for side, counts in tally.latencies.items()},
            took_for=dict(tally.took_for),
        )

    def held_hosts(self) -> dict[str, float]:
        """Return for how many seconds each host's rate limit keeps us away."""
        now, until = self._clock.now(), self._house.store.limits.known
        return {host: max((at - now).total_seconds(), 0.0) for host, at in until.items()}

    def quotas(self) -> tuple[Quota, ...]:
        """Return how many questions each host still answers."""
        return self._rooms.fetcher.quotas()

    def states(self) -> Mapping[str, TargetState]:
        """Return what is remembered of each target."""
        return {name: watch.state for name, watch in self._house.watches.items()}

    def sketch(self) -> Callable[[], Status]:
        """Take what only the loop may read of the picture."""
        return sketch_of_house(self._house, self._clock.now(), self._daemon())

    def _daemon(self) -> Daemon:
        house = self._house
        return Daemon(
            is_running=True,
            up_since=self._started_at,
            last_tick_at=house.ticked_at,
            has_looked=house.has_looked(),
            generation=self.generation,
            config_loaded_at=self.loaded_at,
            config_problem=house.faults.config_problem,
            database=str(house.config.daemon.database),
            blind_since=house.sight.blind_since,
            faults=house.faults.now,
            warnings=house.config.warnings,
        )

    def configuration(self, name: str) -> str:
        """Return the configuration of this target in force, as TOML without secrets."""
        tables = shown(self._house.config)
        wanted = tables["targets"].get(name)
        return "" if wanted is None else write({"targets": {name: wanted}})

    def document(self, name: str) -> Document | None:
        """Return the last good document of a target's metadata side."""
        target = self.targets.get(name)
        return None if target is None else self._rooms.shelf.document(target)

    def look(self, name: str, side: Side) -> None:
        """Look at this side past every cache."""
        self._house.look_now(name, side)

    def write(self, job: Callable[[Ledger], T]) -> Awaitable[T]:
        """Run the job in a transaction."""
        return self._house.store.writer.submit(job)

    def tell(self) -> None:
        """Compare what fires with what was told at the next tick."""
        self._house.teller.hurry()


class Serving:
    """Serves the pages where `listen` says, and elsewhere once a reload says so.

    That an address cannot be had stops nothing: it is said, and tried again.
    """

    def __init__(self, rooms: Rooms, clock: Clock) -> None:
        self.hands = Hands(rooms, clock)
        self._server: Server | None = None
        self._listen = ""
        self._trying: asyncio.Task[None] | None = None

    @property
    def address(self) -> str | None:
        """Where the pages are, None where they are not served."""
        if self._server is None or not self._server.port:
            return None
        return f"http://{self._listen.rpartition(':')[0]}:{self._server.port}"

    async def use(self) -> None:
        """Serve by the settings in force; what is served already goes on where the address stays."""
        listen = self.hands.settings.listen
        if listen == self._listen:
            return
        await self.stop()
        self._listen = listen
        if listen and not await self._started():
            self._trying = asyncio.create_task(self._try_again())

    async def stop(self) -> None:
        """Serve no more."""
        if self._trying is not None:
            self._trying.cancel()
            with suppress(asyncio.CancelledError):
                await self._trying
        if self._server is not None:
            await self._server.stop()
        self._listen, self._trying, self._server = "", None, None

    def took(self, at: datetime) -> None:
        """Note that a configuration was put in force."""
        self.hands.generation += 1
        self.hands.loaded_at = at

    async def _started(self) -> bool:
        from monitor.web.server import Server

        server = Server(self.hands)
        try:
            await server.start()
        except ConfigError as error:
            log.error("no pages: %s", error)  # noqa: TRY400  (the sentence says it all)
            return True
        except OSError as error:
            log.error("no pages at %s: %s; trying again", self._listen, error)  # noqa: TRY400 the sentence says it all
            return False
        self._server = server
        log.info("pages at %s", self.address)
        return True

    async def _try_again(self) -> None:
        while True:
            await asyncio.sleep(TRY_EVERY_SECONDS)
            if await self._started():
                return

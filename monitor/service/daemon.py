"""The daemon: start, jobs, signals, reload, stop, and what systemd is told of it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from monitor.clock import SystemClock
from monitor.config import Config, fingerprint, recorded, unusable_receivers
from monitor.errors import ConfigError, StoreError, TagdriftError
from monitor.janitor import prune
from monitor.model import Clock
from monitor.scheduler import Jobs
from monitor.service.counting import counted
from monitor.service.moving import move_in, take_over
from monitor.service.progress import Heartbeat, Watchdog
from monitor.service.rooms import Rooms, hosts_of, open_rooms, pace_of
from monitor.service.serving import Serving
from monitor.systemd import Systemd

log = logging.getLogger(__name__)

THREADS = 32
MORE_TIME = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
ALIVE_EVERY = timedelta(seconds=10)
BEAT_EVERY = timedelta(minutes=1)
PRUNE_EVERY = timedelta(hours=1)


class Daemon:
    """One run. `load` reads the configuration anew, and raises ConfigError."""

    def __init__(
        self, config: Config, load: Callable[[], Config], systemd: Systemd, clock: Clock | None = None
    ) -> None:
        self._config = config
        self._load = load
        self._systemd = systemd
        self._clock = clock or SystemClock()
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._is_ready = asyncio.Event()
        self._generation = 0
        self._run_id = 0

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT.

        Raises:
            StoreError: the database is not to be used.

        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        # A name that nobody answers for holds a thread for seconds; what else needs one must not wait.
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="beside"))
        asking = asyncio.create_task(self._ask_for_time())
        try:
            await self._work()
        finally:
            asking.cancel()

    async def _work(self) -> None:
        async with open_rooms(self._config, self._clock) as rooms:
            await self._begin(rooms)
            jobs = self._jobs(rooms)
            jobs.start()
            self._serving = Serving(rooms, self._clock)
            await self._serving.use()
            beside = [
                asyncio.create_task(self._get_ready(rooms)),
                asyncio.create_task(self._feed(Watchdog(rooms.house, self._systemd))),
                asyncio.create_task(self._reloads(rooms)),
            ]
            try:
                await self._stop.wait()
            finally:
                self._systemd.stopping()
                log.info("stopping")
                for task in beside:
                    task.cancel()
                await self._serving.stop()
                await jobs.stop()
                await self._end(rooms)
        log.info("stopped")

    # --- start and end -------------------------------------------------------------------------

    async def _begin(self, rooms: Rooms) -> None:
        now = self._clock.now()
        config = rooms.house.config
        begun = await rooms.store.writer.submit(
            lambda ledger: ledger.begin_run(
                now, pid=os.getpid(), policy=fingerprint(config), policy_body=recorded(config)
            )
        )
        self._run_id = begun.id
        self._generation = 1
        await rooms.notifier.start()
        await move_in(rooms.house, now, begun.down_from_at)
        # What is there now stays for years: the collector need not go over it again and again.
        gc.collect()
        gc.freeze()
        for name, sentence in (await asyncio.to_thread(unusable_receivers, config)).items():
            # The others are told all the same: a start must not fail for one of them.
            log.error("receivers.%s: %s", name, sentence)
        for warning in config.warnings:
            log.warning("%s", warning)
        log.info("watching %s", counted(len(config.targets), "target"))

    async def _get_ready(self, rooms: Rooms) -> None:
        while not rooms.house.has_looked():  # noqa: ASYNC110 looks end without a word
            await asyncio.sleep(0.1)
        self._is_ready.set()
        self._systemd.ready(self._summary(rooms))
        log.info("ready: the first round is done")

    async def _ask_for_time(self) -> None:
        """Let the start take as long as it must: a large migration, a first round of slow hosts."""
        while not self._is_ready.is_set():
            self._systemd.extend(MORE_TIME)
            with suppress(TimeoutError):
                async with asyncio.timeout(MORE_TIME.total_seconds() / 3):
                    await self._is_ready.wait()

    async def _end(self, rooms: Rooms) -> None:
        with suppress(StoreError):
            await rooms.store.writer.submit(lambda ledger: ledger.end_run(self._run_id, self._clock.now()))

    # --- jobs ----------------------------------------------------------------------------------

    def _jobs(self, rooms: Rooms) -> Jobs:
        house = rooms.house
        jobs = Jobs(self._clock, on_failure=lambda _, error: house.faults.unexpected(error))
        self._heartbeat = Heartbeat(house, rooms.fetcher, house.config.daemon.heartbeat_url)
        jobs.add("tick", SECOND, partial(self._tick, rooms))
        jobs.add("drain", SECOND, partial(self._drain, rooms))
        jobs.add("alive", ALIVE_EVERY, partial(self._alive, rooms))
        jobs.add("heartbeat", BEAT_EVERY, self._heartbeat.beat)
        jobs.add("prune", PRUNE_EVERY, partial(self._prune, rooms))
        return jobs

    async def _tick(self, rooms: Rooms) -> None:
        rooms.house.tick(self._clock.now())

    async def _drain(self, rooms: Rooms) -> None:
        # What one tick queues for a receiver goes out together, so its records come first; but not for long.
        with suppress(TimeoutError):
            async with asyncio.timeout(SECOND.total_seconds() / 2):
                await rooms.house.settle()
        await rooms.notifier.drain(self._clock.now())

    async def _alive(self, rooms: Rooms) -> None:
        now = self._clock.now()
        try:
            await rooms.store.writer.submit(lambda ledger: ledger.alive(self._run_id, now))
        except StoreError as error:
            rooms.house.faults.store(error)
        else:
            rooms.house.faults.store_is_well()
        self._systemd.status(self._summary(rooms))

    async def _prune(self, rooms: Rooms) -> None:
        before = self._clock.now() - rooms.house.config.daemon.keep_observations
        try:
            await prune(rooms.store, before)
        except StoreError as error:
            rooms.house.faults.store(error)

    async def _feed(self, watchdog: Watchdog) -> None:
        every = self._systemd.watchdog_every
        while every is not None:
            watchdog.feed()
            await asyncio.sleep(min(every.total_seconds() / 2, 5.0))

    # --- reload --------------------------------------------------------------------------------

    async def _reloads(self, rooms: Rooms) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            self._systemd.reloading(self._clock.monotonic())
            sentence, config, now = await self._take(rooms)
            self._generation += config is not None
            if config is not None:
                self._serving.took(self._clock.now())
                await self._serving.use()
            rooms.house.faults.config(None if config is not None else sentence)
            await self._note(rooms, sentence, config, now)
            self._systemd.ready(self._summary(rooms))

    async def _take(self, rooms: Rooms) -> tuple[str, Config | None, datetime]:
        """Put the file in force; return a sentence, None where the old one goes on, and as of when."""
        now = self._clock.now()
        try:
            config = await asyncio.to_thread(self._load_usable)
            now = self._clock.now()
            rooms.fetcher.use(config.credentials, hosts_of(config))
            await take_over(rooms.house, config, now)
            await rooms.notifier.use(config.receivers, pace_of(config))
        except ConfigError as error:
            return f"the new configuration is not in force, the old one goes on: {error}", None, now
        except TagdriftError as error:
            self._keep_asking(rooms)
            return f"the new configuration could not be put in force: {error}", None, now
        except Exception as error:
            # Whoever reloads waits for an answer, and may do so again.
            self._keep_asking(rooms)
            log.exception("unexpected failure")
            rooms.house.faults.unexpected(error)
            return f"the new configuration could not be put in force: {type(error).__name__}", None, now
        self._heartbeat.url = config.daemon.heartbeat_url
        return f"the configuration is in force: {counted(len(config.targets), 'target')}", config, now

    def _keep_asking(self, rooms: Rooms) -> None:
        config = rooms.house.config
        rooms.fetcher.use(config.credentials, hosts_of(config))

    def _load_usable(self) -> Config:
        config = self._load()
        if config.daemon.database != self._config.daemon.database:
            raise ConfigError((f"daemon.database: {config.daemon.database} takes a restart",))
        unusable = unusable_receivers(config)
        if unusable:
            raise ConfigError(tuple(f"receivers.{name}: {text}" for name, text in unusable.items()))
        return config

    async def _note(self, rooms: Rooms, sentence: str, config: Config | None, now: datetime) -> None:
        (log.info if config is not None else log.error)("%s", sentence)
        policy = None if config is None else fingerprint(config)
        body = "" if config is None else recorded(config)
        try:
            await rooms.store.writer.submit(
                lambda ledger: ledger.config_loaded(
                    self._run_id, now, sentence=sentence, policy=policy, policy_body=body
                )
            )
        except StoreError as error:
            rooms.house.faults.store(error)

    def _summary(self, rooms: Rooms) -> str:
        house = rooms.house
        firing = sum(watch.is_alerting for watch in house.watches.values())
        faults = f"; {house.faults.now[0]}" if house.faults.now else ""
        return f"{counted(len(house.watches), 'target')}, {firing} with an alert{faults}"

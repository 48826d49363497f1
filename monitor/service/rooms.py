"""Build the rooms from a configuration, and take them down again in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from yarl import URL

from monitor import sources
from monitor.config import Config
from monitor.fetcher import Fetcher, open_session
from monitor.model import Clock, Side
from monitor.notifier import Notifier, Pace
from monitor.poller import Poller
from monitor.service.house import House
from monitor.service.shelf import Shelf
from monitor.store import Store

# systemd gives ten seconds; a delivery that hangs gets some of them.
GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """A house and what it stands on."""

    house: House
    store: Store
    fetcher: Fetcher
    notifier: Notifier
    shelf: Shelf


@asynccontextmanager
async def open_rooms(
    config: Config, clock: Clock, *, chance: Callable[[], float] = random.random
) -> AsyncIterator[Rooms]:
    """Open database, session and rooms; on the way out everything is stopped and written.

    Raises:
        StoreError: the database is not to be used.

    """
    store = await asyncio.to_thread(Store.open, config.daemon.database, clock=clock)
    try:
        async with open_session() as session:
            fetcher = Fetcher(
                session,
                clock,
                config.credentials,
                store.cache,
                store.limits,
                deadline_for=config.daemon.deadline_for,
                allowed_hosts=hosts_of(config),
            )
            shelf = Shelf(fetcher, lambda: house.config.targets)
            notifier = Notifier(store, config.receivers, clock, pace_of(config))
            house = House(
                config=config,
                store=store,
                poller=Poller(fetcher, clock, shelf.heard),
                notifier=notifier,
                clock=clock,
                chance=chance,
            )
            try:
                yield Rooms(house=house, store=store, fetcher=fetcher, notifier=notifier, shelf=shelf)
            finally:
                await house.stop()
                await notifier.stop(GRACE)
    finally:
        await asyncio.to_thread(store.close)


def pace_of(config: Config) -> Pace:
    """Return how the outbox is drained by this configuration."""
    return Pace(group_over=config.daemon.group_over, give_up_after=config.daemon.give_up_after)


def hosts_of(config: Config) -> frozenset[str]:
    """Return the hosts that the configuration names, each as `host` or `host:port`."""
    urls = [
        url
        for target in config.targets.values()
        for side in Side
        for url in sources.kind_named(target.source(side).kind).urls(target.source(side).spec)
    ]
    urls += [config.daemon.heartbeat_url] if config.daemon.heartbeat_url else []
    return frozenset(authority for url in urls if (authority := URL(url).host_port_subcomponent))

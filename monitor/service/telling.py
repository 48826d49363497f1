"""When what fires is compared with what was told, and by which configuration."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from monitor.config import Config
from monitor.errors import StoreError
from monitor.model import Event
from monitor.poller import Telling, tell_all
from monitor.scheduler import Agenda
from monitor.service.faults import Faults
from monitor.store import Store

log = logging.getLogger(__name__)

# What is told is decided from levels; a look at all of them this often heals whatever was missed.
TELL_EVERY = timedelta(seconds=15)


class Teller:
    """Keeps the instants at which something may be due to be told, by target."""

    def __init__(self, store: Store, faults: Faults, config: Config) -> None:
        self.telling = telling_of(config)
        self._store = store
        self._faults = faults
        self._agenda: Agenda[str] = Agenda()
        self._again_at = float("-inf")

    def use(self, config: Config) -> None:
        """Take routes, receivers and links from this configuration; whoever is new is told at once."""
        self.telling = telling_of(config)
        self._again_at = float("-inf")

    def hurry(self) -> None:
        """Look at all of them at the next tick: an ack or a silence of ours has changed what is due."""
        self._again_at = float("-inf")

    def arm(self, target: str, at: datetime | None) -> None:
        """Come back to this target at that instant, or not at all."""
        if at is None:
            self._agenda.drop(target)
        else:
            self._agenda.put(target, at.timestamp())

    def first_at(self) -> float | None:
        """Return the timestamp at which the next thing may be due."""
        return self._agenda.first_at()

    def is_due(self, now: datetime, monotonic: float) -> bool:
        """Whether it is time: something is due, a command has written, or the last time is long ago."""
        due = list(self._agenda.take(now.timestamp()))
        if not due and monotonic < self._again_at and not self._has_visitors():
            return False
        self._again_at = monotonic + TELL_EVERY.total_seconds()
        return True

    async def tell(self, now: datetime) -> None:
        """Queue what is due to be told of all targets."""
        try:
            due = await self._store.writer.submit(partial(tell_all, telling=self.telling, now=now))
        except StoreError as error:
            self._faults.store(error)
            return
        for name, tell_at in due.items():
            self.arm(name, tell_at)

    def _has_visitors(self) -> bool:
        try:
            return self._store.foreign_changes()
        except StoreError as error:
            self._faults.store(error)
            return False


def telling_of(config: Config) -> Telling:
    """Return who is told of what by this configuration."""
    return Telling(
        targets=config.targets,
        routes=config.routes,
        receivers=tuple(config.receivers),
        public_url=config.daemon.public_url,
    )


def log_events(events: Iterable[Event]) -> None:
    """Write each edge in an alert's life to the log."""
    for event in events:
        which = "" if event.alert_id is None else f" (alert {event.alert_id})"
        check = "" if event.check is None else f"{event.check.value} "
        log.info("%s: %s%s%s: %s", event.target, check, event.kind.value, which, event.sentence)

"""What says that the daemon really works: the watchdog, and the heartbeat to the outside."""

from __future__ import annotations

import logging

from monitor.fetcher import Fetcher, Freshness, NoAnswer
from monitor.model import Request, Side
from monitor.service.house import House
from monitor.systemd import Systemd

log = logging.getLogger(__name__)


class Watchdog:
    """Fed only where the loop, the writer and the tick have all moved since it was last fed."""

    def __init__(self, house: House, systemd: Systemd) -> None:
        self._house = house
        self._systemd = systemd
        self._before = (-1, -1)

    def feed(self) -> bool:
        """Tell systemd that all is well, if it is; that this runs at all shows that the loop does."""
        ticks, written = self._house.ticks, self._house.store.writer.progress
        if ticks == self._before[0] or written == self._before[1]:
            return False
        self._before = (ticks, written)
        self._systemd.watchdog()
        return True


class Heartbeat:
    """A request to a dead man's switch after every good round: all sides recorded, nothing wrong with us."""

    def __init__(self, house: House, fetcher: Fetcher, url: str | None) -> None:
        self._house = house
        self._fetcher = fetcher
        self.url = url
        self.failure: str | None = None

    async def beat(self) -> None:
        """Send one heartbeat if a round was completed since the last."""
        watches = self._house.watches.values()
        if not self.url or any(len(watch.recorded) < len(Side) for watch in watches):
            return
        if self._house.faults.now:
            return
        for watch in watches:
            watch.recorded.clear()
        try:
            await self._fetcher.fetch(Request(url=self.url, max_bytes=65_536), Freshness.UNCONDITIONAL)
            self.failure = None
        except NoAnswer as error:
            # Its path is often the secret, so the failure's sentence is not shown; 204 is an answer as well.
            taken = 200 <= error.status < 300
            reason = f"HTTP {error.status}" if error.status else error.failure.reason.value
            self.failure = None if taken else f"the heartbeat was not taken: {reason}"
        if self.failure is not None:
            log.warning("%s", self.failure)

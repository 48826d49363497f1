"""What open pages are told as it happens: that something has changed, and what time it is."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from hashlib import blake2b

from monitor.errors import StoreError
from monitor.model import Clock
from monitor.status import Status
from monitor.web.pictures import Pictures

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
STILL_THERE_SECONDS = 15.0
MOST_LISTENERS = 300


class Live:
    """One picture a second for all who listen, and none where nobody does."""

    def __init__(self, pictures: Pictures, clock: Clock) -> None:
        self._pictures = pictures
        self._clock = clock
        self._listeners: set[asyncio.Queue[str]] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether no more may listen."""
        return len(self._listeners) >= MOST_LISTENERS

    async def listen(self) -> AsyncGenerator[str, None]:
        """Yield one digest a change, the present one first; an empty text says that we are still there."""
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=4)
        self._listeners.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            yield digest_of(await self._status())
            while True:
                try:
                    async with asyncio.timeout(STILL_THERE_SECONDS):
                        yield await queue.get()
                except TimeoutError:
                    yield ""
        finally:
            self._listeners.discard(queue)

    async def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _status(self) -> Status | None:
        try:
            return (await self._pictures.now()).status
        except StoreError as error:
            log.warning("the pages cannot be brought up to date: %s", error)
            return None

    async def _watch(self) -> None:
        last = ""
        while self._listeners:
            digest = digest_of(await self._status())
            if digest != last:
                last = digest
                for queue in self._listeners:
                    # Who is slow hears of the latest change, and needs none of those before.
                    while queue.full():
                        queue.get_nowait()
                    queue.put_nowait(digest)
            await asyncio.sleep(EVERY_SECONDS)


def digest_of(status: Status | None) -> str:
    """Return what changes with anything that a page shows, but for how long ago it was."""
    if status is None:
        return "unreadable"
    targets = [
        (
            target.name,
            target.word,
            target.severity,
            target.named,
            target.newest,
            target.missing,
            str(target.fires_at),
            target.alert_id,
            target.is_acked,
            target.is_silenced,
            target.metadata.look,
            target.releases.look,
        )
        for target in status.targets
    ]
    alerts = [(alert.id, alert.state, alert.held, len(alert.told)) for alert in status.alerts]
    receivers = [(one.name, one.queued, one.undelivered, one.delivered) for one in status.receivers]
    silences = [(silence.id, silence.is_active) for silence in status.silences]
    daemon = (status.daemon.faults, str(status.daemon.blind_since), status.daemon.config_problem)
    told = json.dumps([targets, alerts, receivers, silences, daemon])
    return blake2b(told.encode(), digest_size=8).hexdigest()

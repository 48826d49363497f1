"""What open pages are told as it happens: that something has changed, and what time it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress

from monitor.errors import StoreError
from monitor.model import Clock
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
            yield await self._digest()
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

    async def _digest(self) -> str:
        try:
            return (await self._pictures.now()).digest
        except StoreError as error:
            log.warning("the pages cannot be brought up to date: %s", error)
            return "unreadable"

    async def _watch(self) -> None:
        last = ""
        while self._listeners:
            digest = await self._digest()
            if digest != last:
                last = digest
                for queue in self._listeners:
                    # Who is slow hears of the latest change, and needs none of those before.
                    while queue.full():
                        queue.get_nowait()
                    queue.put_nowait(digest)
            await asyncio.sleep(EVERY_SECONDS)

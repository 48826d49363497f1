"""The incident on a page: it plays while people look, minutes of it a second, until it is interrupted."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.demo.story import Story
from monitor.demo.world import World
from monitor.service import Rooms
from monitor.service.serving import Serving

STEP_SECONDS = 0.25
MINUTES_A_SECOND = 3.0
# What happens is shown for a moment before time goes on.
PAUSE_SECONDS = 2.0


@dataclass(slots=True)
class Stage:
    """Plays the story on pages at this address; `announce` gets the page's address and the token."""

    directory: Path
    listen: str
    say: Callable[[datetime | None, str], None]
    announce: Callable[[str, str], None]
    minutes_a_second: float = MINUTES_A_SECOND

    async def run(self) -> None:
        """Play it, and go on showing how it ended until cancelled.

        Raises:
            OSError: the address cannot be had.
        """
        token = secrets.token_urlsafe(12)
        story = Story(directory=self.directory, say=self.say)
        async with story.staged(listen=self.listen, token=token) as (world, rooms):
            serving = Serving(rooms, story.clock)
            try:
                await serving.use()
                if serving.address is None:
                    raise OSError(f"{self.listen} cannot be had; --listen takes another address")
                self._link(rooms, serving.address)
                self.announce(serving.address, token)
                await self._play(story, world, rooms)
            finally:
                await serving.stop()

    def _link(self, rooms: Rooms, address: str) -> None:
        """Let messages link to the pages: the port may only now be known."""
        house = rooms.house
        house.use(replace(house.config, daemon=replace(house.config.daemon, public_url=address)))

    async def _play(self, story: Story, world: World, rooms: Rooms) -> None:
        await story.tick(rooms)
        for at, happens in story.acts(world):
            await self._until(story, rooms, at)
            happens()
            await asyncio.sleep(PAUSE_SECONDS)
        while True:
            # Afterwards it is quiet, and time goes on as it does.
            await self._until(story, rooms, story.clock.now() + timedelta(seconds=1))
            await asyncio.sleep(1.0)

    async def _until(self, story: Story, rooms: Rooms, at: datetime) -> None:
        step = timedelta(minutes=self.minutes_a_second * STEP_SECONDS)
        while story.clock.now() < at:
            await story.until(rooms, min(story.clock.now() + step, at))
            await asyncio.sleep(STEP_SECONDS)

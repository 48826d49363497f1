"""The founding incident, played against the real service: 2024-10-16, python-build-standalone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import config
from monitor.demo.clock import StoryClock
from monitor.demo.world import METADATA, NAME, World
from monitor.model import Alert, AlertState, SinceClock
from monitor.service import Rooms, move_in, open_rooms

BEGINS_AT = datetime(2024, 10, 16, 15, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2024, 10, 16, 15, 40, tzinfo=UTC)
CAUGHT_UP_AT = datetime(2024, 10, 16, 21, 49, 4, tzinfo=UTC)
ENDS_AT = datetime(2024, 10, 16, 22, 10, tzinfo=UTC)
OLD, NEW = "20241008", "20241016"
EARLIER = [
    ("20240909", datetime(2024, 9, 10, 1, 10, tzinfo=UTC)),
    ("20241002", datetime(2024, 10, 2, 20, 20, tzinfo=UTC)),
    (OLD, datetime(2024, 10, 8, 14, 30, tzinfo=UTC)),
]
MOMENT = timedelta(milliseconds=1)

CONFIG = """\
# The demo's own configuration: two loopback servers and a clock moved by hand, all else is the real program.
[daemon]
database = "{database}"
listen = ""

[credentials.github]
env = "TAGDRIFT_DEMO_TOKEN"

[receivers.chat]
url = {{ env = "TAGDRIFT_DEMO_CHAT" }}

[policy]
threshold = "2h"

[targets.{name}]
interval = "5m"
metadata = {{ kind = "json", url = "http://{address}/{metadata}", path = "$.tag" }}

[targets.{name}.releases]
kind = "github"
repo = "astral-sh/python-build-standalone"
token = "github"
api_url = "http://{address}"
"""

Say = Callable[[datetime | None, str], None]


@dataclass(slots=True)
class Story:
    """Plays the incident in this directory; `say` gets each line with the story's instant."""

    directory: Path
    say: Say
    clock: StoryClock = field(default_factory=lambda: StoryClock(BEGINS_AT))
    told: dict[str, AlertState] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The history that the story leaves behind."""
        return self.directory / "tagdrift.db"

    @asynccontextmanager
    async def staged(
        self, *, listen: str = "", token: str | None = None
    ) -> AsyncIterator[tuple[World, Rooms]]:
        """Build the world and the house in it; `listen` and `token` are for its pages."""
        world = World(named=OLD, releases=list(EARLIER), on_message=self._heard)
        async with world:
            loaded = self._configured(world, listen, token)
            async with open_rooms(loaded, self.clock, chance=lambda: 0.5) as rooms:
                now = self.clock.now()
                begun = await rooms.store.writer.submit(
                    lambda ledger: ledger.begin_run(
                        now,
                        pid=os.getpid(),
                        policy=config.fingerprint(loaded),
                        policy_body=config.recorded(loaded),
                    )
                )
                await rooms.notifier.start()
                await move_in(rooms.house, now, begun.down_from_at)
                yield world, rooms

    async def play(self) -> None:
        """Tell it from the first look to the last message."""
        async with self.staged() as (world, rooms):
            for at, happens in self.acts(world):
                await self.until(rooms, at)
                happens()

    def acts(self, world: World) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Yield what happens when, in order; the first look is at the beginning."""
        self.say(BEGINS_AT, f"the first look: {METADATA} names {OLD}, and {OLD} is the newest release")
        yield PUBLISHED_AT, lambda: self._published(world)
        yield CAUGHT_UP_AT, lambda: self._caught_up(world)
        yield (
            ENDS_AT,
            lambda: self.say(
                None, f"{world.requests} looks, {world.unchanged} of them answered 304 (not modified)"
            ),
        )

    def _published(self, world: World) -> None:
        world.releases.append((NEW, PUBLISHED_AT))
        self.say(PUBLISHED_AT, f"{NEW} is published; {METADATA} is not touched")

    def _caught_up(self, world: World) -> None:
        world.named = NEW
        self.say(CAUGHT_UP_AT, f"{METADATA} names {NEW} at last")

    def _configured(self, world: World, listen: str, token: str | None) -> config.Config:
        path = self.directory / "config.toml"
        path.write_text(
            CONFIG.format(database=self.database, name=NAME, address=world.address, metadata=METADATA)
        )
        environ = {"TAGDRIFT_DEMO_TOKEN": "a-token", "TAGDRIFT_DEMO_CHAT": f"json://{world.address}/chat"}
        loaded = config.load(path, environ)
        return replace(loaded, daemon=replace(loaded.daemon, listen=listen, token=token))

    # --- time passes ---------------------------------------------------------------------------

    async def until(self, rooms: Rooms, at: datetime) -> None:
        """Let the house do all that is due until this instant."""
        await self.tick(rooms)
        while self.clock.now() < at:
            next_at = rooms.house.next_at or at
            # What is due now and stays so, for a failure say, must not stop the story.
            self.clock.move_to(min(max(next_at, self.clock.now() + MOMENT), at))
            await self.tick(rooms)

    async def tick(self, rooms: Rooms) -> None:
        """Let the house do what is due at this instant, deliveries included."""
        rooms.house.tick(self.clock.now())
        await rooms.house.settle()
        self._watch(rooms)
        await rooms.notifier.drain(self.clock.now())
        await rooms.notifier.settle()

    def _watch(self, rooms: Rooms) -> None:
        for alert in rooms.house.watches[NAME].state.alerts:
            if self.told.get(alert.check) is not alert.state:
                self.told[alert.check] = alert.state
                self._tell(alert)

    def _tell(self, alert: Alert) -> None:
        now = self.clock.now()
        if alert.state is AlertState.PENDING:
            known = (
                "published, says GitHub" if alert.since_is is SinceClock.PUBLISHED else alert.since_is.value
            )
            self.say(
                now,
                f"observed: drift since {alert.since:%H:%M:%S} ({known}); "
                f"it would fire at {alert.fires_at:%H:%M:%S}",
            )
        elif alert.state is AlertState.FIRING and alert.fired_at is not None:
            self.say(
                now,
                f"both sides read again, past every cache: it stands. "
                f"Alert {alert.id} fires ({alert.fired_at:%H:%M:%S})",
            )
        elif alert.state is AlertState.RESOLVED and alert.resolved_at is not None:
            self.say(
                now,
                f"observed: nothing is missing any more. "
                f"Alert {alert.id} is resolved ({alert.resolved_at:%H:%M:%S})",
            )

    def _heard(self, title: str, body: str) -> None:
        lines = "\n".join(f"    │ {line}" for line in (title, *body.splitlines()))
        self.say(self.clock.now(), f"the chat receives:\n{lines}")

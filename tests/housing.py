"""The whole daemon in one process: real rooms, a real database, loopback servers, and a clock moved by hand.

async def test_something(housing):
    housing.says("project", named="1.0", releases={"1.0": "2024-10-01T00:00:00Z"})
    await housing.open()
    await housing.pass_for(hours=3)
    assert housing.told == [...]
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from monitor import config
from monitor.service import Rooms, move_in, open_rooms, take_over
from monitor.store import Reader
from tests.conftest import ManualClock
from tests.servers.site import Site

TARGET = """
[targets.{name}]
interval = "{interval}"
{extra}
metadata = {{ kind = "json", url = "{base}/{name}/latest.json", path = "$.tag" }}
[targets.{name}.releases]
kind = "json"
url = "{base}/{name}/releases.json"
path = "$[*].tag"
date_path = "$[*].date"
"""
RECEIVER = '[receivers.{name}]\nurl = "json://127.0.0.1:{port}/{name}"\n'
MOST_TICKS = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a receiver got it."""

    at: datetime
    receiver: str
    title: str
    body: str


@dataclass(slots=True)
class Housing:
    """A house that lives in this folder and looks at this site."""

    folder: Path
    site: Site
    clock: ManualClock
    policy: str = 'threshold = "2h"'
    targets: dict[str, str] = field(default_factory=lambda: {"project": ""})
    receivers: list[str] = field(default_factory=lambda: ["ops"])
    target_tables: list[str] | None = None
    more: str = ""
    daemon: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    jitter: float = 0.0
    chance: float = 0.5
    heard: list[Heard] = field(default_factory=list)
    _stack: AsyncExitStack | None = None
    _rooms: Rooms | None = None
    _run_id: int = 0

    # --- the world -------------------------------------------------------------------------------

    def says(self, name: str, *, named: Any = None, releases: dict[str, str] | None = None) -> None:
        """Let the two sides of this target say so from now on; None leaves a side as it is."""
        if named is not None:
            self.site.answer(f"/{name}/latest.json", {"tag": named}, etag=f'"{named}"')
        if releases is not None:
            rows = [{"tag": tag, "date": date} for tag, date in releases.items()]
            etag = f'"{hash(json.dumps(rows))}"'
            self.site.answer(f"/{name}/releases.json", rows, etag=etag)

    # --- the house -------------------------------------------------------------------------------

    @property
    def rooms(self) -> Rooms:
        """The rooms, which must be open."""
        assert self._rooms is not None
        return self._rooms

    @property
    def path(self) -> Path:
        """The database."""
        return self.folder / "tagdrift.db"

    def config(self) -> config.Config:
        """Write the configuration as it is now, and load it."""
        path = self.folder / "config.toml"
        base = self.site.url("").rstrip("/")
        tables = [f'[daemon]\ndatabase = "{self.path}"\nlisten = ""\njitter = {self.jitter}\n{self.daemon}']
        tables += [RECEIVER.format(name=name, port=self.site.port) for name in self.receivers]
        tables += [f"[policy]\n{self.policy}\n", self.more]
        if self.target_tables is None:
            targets = self.targets.items()
            tables += [
                TARGET.format(name=name, base=base, interval="5m", extra=extra) for name, extra in targets
            ]
        tables += self.target_tables or []
        path.write_text("\n".join(tables))
        return config.load(path, self.environ)

    async def open(self) -> None:
        """Start, as after a boot."""
        for name in self.receivers:
            self.site.script(f"/{name}", self._receive)
        self._stack = AsyncExitStack()
        loaded = self.config()
        self._rooms = await self._stack.enter_async_context(
            open_rooms(loaded, self.clock, chance=lambda: self.chance)
        )
        now = self.clock.now()
        begun = await self._rooms.store.writer.submit(
            lambda ledger: ledger.begin_run(
                now, pid=1, policy=config.fingerprint(loaded), policy_body=config.recorded(loaded)
            )
        )
        self._run_id = begun.id
        await self._rooms.notifier.start()
        await move_in(self._rooms.house, now, begun.down_from_at)
        await self.tick()

    async def close(self) -> None:
        """Stop, as before a shutdown."""
        if self._stack is None:
            return
        now, rooms, stack = self.clock.now(), self.rooms, self._stack
        self._stack = self._rooms = None
        await rooms.store.writer.submit(lambda ledger: ledger.end_run(self._run_id, now))
        await stack.aclose()

    async def reload(self) -> None:
        """Take up the configuration as it is now."""
        loaded, now = self.config(), self.clock.now()
        await take_over(self.rooms.house, loaded, now)
        await self.rooms.store.writer.submit(
            lambda ledger: ledger.config_loaded(
                self._run_id,
                now,
                sentence="reloaded",
                policy=config.fingerprint(loaded),
                policy_body=config.recorded(loaded),
            )
        )
        await self.rooms.notifier.use(loaded.receivers)
        for name in self.receivers:
            self.site.script(f"/{name}", self._receive)
        await self.tick()

    # --- time passes -----------------------------------------------------------------------------

    async def tick(self) -> None:
        """Let the house do all that is due at this instant, deliveries included."""
        for _ in range(MOST_TICKS):
            now = self.clock.now()
            self.rooms.house.tick(now)
            await self.rooms.house.settle()
            await self.rooms.notifier.drain(now)
            await self.rooms.notifier.settle()
            next_at = self.rooms.house.next_at
            if next_at is None or next_at > self.clock.now():
                return
        raise AssertionError(f"the house is never done at {self.clock.now()}")

    async def pass_until(self, at: datetime) -> None:
        """Let the time pass; the house wakes whenever it has something to do, to the second."""
        while self.clock.now() < at:
            next_at = self.rooms.house.next_at or at
            step = min(max(next_at, self.clock.now()), at) - self.clock.now()
            whole = timedelta(seconds=max(1, -(-step // timedelta(seconds=1))))
            self.clock.advance(min(whole, at - self.clock.now()))
            await self.tick()

    async def pass_for(self, **span: float) -> None:
        """Let this much time pass: `pass_for(hours=3)`."""
        await self.pass_until(self.clock.now() + timedelta(**span))

    # --- what came of it -------------------------------------------------------------------------

    @property
    def reader(self) -> Reader:
        """What the database says."""
        return self.rooms.store.reader

    @property
    def told(self) -> list[tuple[str, str]]:
        """Receiver and title of each message, in order."""
        return [(heard.receiver, heard.title) for heard in self.heard]

    async def _receive(self, request: web.BaseRequest) -> web.StreamResponse:
        message = json.loads(await request.read())
        heard = Heard(self.clock.now(), request.path.lstrip("/"), message["title"], message["message"])
        self.heard.append(heard)
        await asyncio.sleep(0)
        return web.Response(text="ok")

"""`tagdrift run` as a process of its own, with loopback servers to look at and to tell."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.servers.site import Site

ROOT = Path(__file__).parents[2]
CONFIG = """
[daemon]
database = "{folder}/data/tagdrift.db"
listen = ""
interval = "1s"
deadline_for = "5s"
group_over = 1000
{daemon}
[policy]
threshold = "1h"
keep_firing_for = "0s"
repeat_every = "7d"
critical_after = "30d"
"""
RECEIVER = '[receivers.{name}]\nurl = "json://127.0.0.1:{port}/{name}"\n'
TARGET = """
[targets.{name}.metadata]
kind = "json"
url = "{base}/{name}.json"
path = "$.tag"
[targets.{name}.releases]
kind = "json"
url = "{base}/{name}-releases.json"
path = "$[*].tag"
date_path = "$[*].at"
"""
OLD, NEW = timedelta(days=9), timedelta(days=2)
LATE = {"1.0.0": OLD, "1.1.0": NEW}


@dataclass
class Running:
    """The daemon, what it watches, and what each receiver was told, in order."""

    folder: Path
    site: Site
    receivers: tuple[str, ...] = ("chat", "pager")
    daemon: str = ""
    told: dict[str, list[str]] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    wrapper: tuple[str, ...] = ("setpriv", "--pdeathsig", "KILL")
    process: asyncio.subprocess.Process | None = None
    lines: list[str] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    # --- the world -------------------------------------------------------------------------------

    @property
    def database(self) -> Path:
        return self.folder / "data" / "tagdrift.db"

    def publish(self, name: str, *, named: str) -> None:
        """Let this project have two releases, of which the metadata names one."""
        now = datetime.now(UTC)
        rows = [{"tag": tag, "at": (now - ago).isoformat()} for tag, ago in LATE.items()]
        self.site.answer(f"/{name}.json", {"tag": named}, etag=f'"{named}"')
        self.site.answer(f"/{name}-releases.json", rows, etag='"1"')

    def configure(self, *names: str) -> Path:
        """Write the configuration; every target is in step so far."""
        (self.folder / "data").mkdir(exist_ok=True)
        base = self.site.url("").rstrip("/")
        text = CONFIG.format(folder=self.folder, daemon=self.daemon)
        for name in self.receivers:
            text += RECEIVER.format(name=name, port=self.site.port)
            self.told.setdefault(name, [])
            self.site.script(f"/{name}", self._receive)
        path = self.folder / "config.toml"
        path.write_text(text + "".join(TARGET.format(name=name, base=base) for name in names))
        return path

    async def _receive(self, request: web.BaseRequest) -> web.StreamResponse:
        message = json.loads(await request.read())
        self.told[request.path.lstrip("/")].append(message["title"])
        return web.Response(text="ok")

    # --- the process -----------------------------------------------------------------------------

    async def start(self, *, until: str = "ready: the first round is done", within: float = 180) -> None:
        """Start it, and wait until it says so."""
        await self.launch()
        await self.says(until, within)

    async def launch(self) -> None:
        command = (*self.wrapper, sys.executable, "-m", "monitor", "run", "--config", "config.toml")
        self.lines = []
        self.process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | self.environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read(self.process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip())

    async def says(self, text: str, within: float = 180) -> None:
        """Wait for a line of its output that has this."""
        await self.until(lambda: any(text in line for line in self.lines), text, within)

    async def until(self, holds: Callable[[], bool], what: str, within: float = 180) -> None:
        """Wait for something that this process does not bring about itself."""
        async with asyncio.timeout(within):
            try:
                while not holds():  # noqa: ASYNC110 another process is watched
                    await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                print(f"not within {within} s: {what}\n" + "\n".join(self.lines[-30:]))
                raise

    @property
    def pid(self) -> int:
        """The process that is Python, below whatever wraps it."""
        assert self.process is not None
        return self.process.pid

    async def kill(self) -> None:
        await self.end(signal.SIGKILL)

    async def end(self, number: int = signal.SIGTERM, within: float = 120) -> int:
        """Send the signal, and return the status once it is gone."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return await self.gone(within)

    async def gone(self, within: float = 120) -> int:
        """Wait for it to end by itself."""
        assert self.process is not None
        assert self._reading is not None
        status = await asyncio.wait_for(self.process.wait(), within)
        # Deliveries hold its output open for a moment.
        await asyncio.wait([self._reading], timeout=10)
        self._reading.cancel()
        self.process = None
        return status

    # --- what came of it -------------------------------------------------------------------------

    def sql(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(query).fetchall()

    def counted(self, receiver: str) -> Counter[tuple[str, str]]:
        """Return how often this receiver was told each word of each target."""
        return Counter(word_and_name(title) for title in self.told[receiver])


def word_and_name(title: str) -> tuple[str, str]:
    """Return what a title says (`behind`, `resolved`, or both: `behind, resolved`) of which target."""
    word, rest = title.removeprefix("[").split("] ", 1)
    return word, rest.split(":", 1)[0]


@asynccontextmanager
async def running(folder: Path, site: Site, **how: Any) -> AsyncIterator[Running]:
    """Give a daemon that is not yet started; whatever of it is alive at the end is killed."""
    daemon = Running(folder, site, **how)
    try:
        yield daemon
    finally:
        if daemon.process is not None:
            await daemon.kill()

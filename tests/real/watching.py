"""The daemon as a process, with targets given as TOML and one chat, and what is asked of it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.model import Failure
from monitor.store.reader import Reader
from tests.real.network import InnerSite, Network
from tests.real.running import CONFIG, RECEIVER, Running

CHAT = "chat"
CHATS_PORT = 8000


@dataclass
class Watching(Running):
    """The daemon, with targets that are given as TOML."""

    receivers: tuple[str, ...] = (CHAT,)

    def watch(self, targets: str, *, more: str = "") -> None:
        """Write the configuration."""
        (self.folder / "data").mkdir(exist_ok=True)
        self.told[CHAT] = []
        self.site.script(f"/{CHAT}", self._receive)
        text = CONFIG.format(folder=self.folder, daemon=self.daemon)
        text += RECEIVER.format(name=CHAT, port=self.site.port)
        (self.folder / "config.toml").write_text(text + targets + more)

    async def told_of(self, word: str, name: str, within: float = 120) -> None:
        """Wait until the chat was told this word of this target."""
        await self.until(lambda: (word, name) in self.counted(CHAT), f"{word} of {name} is told", within)

    def looks(self, outcome: str, name: str = "%", side: str = "%") -> int:
        """Return how many looks came out so."""
        which = f"target LIKE '{name}' AND side LIKE '{side}'"
        query = f"SELECT count(*) FROM observation_log WHERE outcome = '{outcome}' AND {which}"
        return int(self.sql(query)[0][0])

    async def more_looks(self, outcome: str, more: int, name: str = "%") -> None:
        """Wait until so many more looks came out so."""
        before = self.looks(outcome, name)
        await self.until(lambda: self.looks(outcome, name) >= before + more, f"{more} {outcome} looks", 120)

    def sentences(self, name: str) -> list[str]:
        """Return what was recorded of this target's failed looks."""
        reader = Reader(self.database)
        try:
            seen = [each.outcome for each in reader.history(name)]
        finally:
            reader.close()
        return [outcome.sentence for outcome in seen if isinstance(outcome, Failure)]

    def alerts(self) -> list[tuple[str, str]]:
        """Return target and check of every alert there was."""
        return self.sql('SELECT target, "check" FROM alert_history ORDER BY id')


@asynccontextmanager
async def watching(inner: Network, folder: Path, **environ: str) -> AsyncIterator[Watching]:
    """Give a daemon of that network, not yet started, and the chat that it tells."""
    site = await InnerSite(inner, port=CHATS_PORT).open()
    daemon = Watching(folder, site, wrapper=inner.wrapper(folder), environ=environ)
    try:
        yield daemon
    finally:
        if daemon.process is not None:
            await daemon.kill()
        await site.close()

"""The daemon as a process that tells real receivers, whose addresses come from its environment."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

from tests.real.running import ROOT, Running
from tests.servers.site import Site

RECEIVER = '[receivers.{name}]\nurl = {{ env = "RECEIVER_{name}" }}\n'


@dataclass
class Telling(Running):
    """`addresses` maps receivers to Apprise URLs; `interval` is for all targets."""

    receivers: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    interval: str = "1s"

    def configure(self, *names: str, more: str = "") -> Path:
        path = super().configure(*names)
        self.environ |= {f"RECEIVER_{name}": url for name, url in self.addresses.items()}
        text = path.read_text().replace('interval = "1s"', f'interval = "{self.interval}"')
        path.write_text(text + "".join(RECEIVER.format(name=name) for name in self.addresses) + more)
        return path

    def trust(self, authority: trustme.CA) -> None:
        """Let its deliveries trust this authority and nobody else."""
        path = self.folder / "authority.pem"
        authority.cert_pem.write_to_path(str(path))
        self.environ |= {"SSL_CERT_FILE": str(path), "REQUESTS_CA_BUNDLE": str(path)}

    async def drift(self, *names: str) -> None:
        """Start with all of them in step, and then let all of them be behind."""
        for name in names:
            self.publish(name, named="1.1.0")
        await self.start()
        for name in names:
            self.publish(name, named="1.0.0")

    # --- what came of it -------------------------------------------------------------------------

    def rows(self, receiver: str) -> list[tuple[str, str, int, str]]:
        """Return title, state, attempts and the last refusal of each message for it, oldest first."""
        return self.sql(
            "SELECT title, state, attempts, sentence FROM deliveries "
            f"JOIN receivers ON receivers.id = receiver_id WHERE name = '{receiver}' ORDER BY deliveries.id"
        )

    def is_told(self, receiver: str) -> bool:
        """Return whether it was told all that there was to tell it."""
        rows = self.rows(receiver)
        return bool(rows) and all(state == "delivered" for _, state, _, _ in rows)

    async def until_told(self, *receivers: str, within: float = 120) -> None:
        for receiver in receivers:
            await self.until(lambda: self.is_told(receiver), f"deliveries to {receiver}", within)  # noqa: B023

    async def refusal(self, receiver: str, within: float = 120) -> str:
        """Wait for the first refusal by this receiver, and return its sentence."""

        def refusals() -> list[str]:
            return [sentence for _, _, _, sentence in self.rows(receiver) if sentence]

        await self.until(lambda: bool(refusals()), f"a refusal by {receiver}", within)
        return refusals()[0]

    def said_of(self, receiver: str) -> list[str]:
        """Return why this receiver refused what is tried again, as the log has it, oldest first."""
        found = (re.search(rf" receiver {receiver}: (.*); tried again at ", line) for line in self.lines)
        return [match[1] for match in found if match]

    async def command(self, *arguments: str) -> str:
        """Return what a command prints to the operator of this daemon."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor", *arguments),
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200"} | self.environ,
            stdout=asyncio.subprocess.PIPE,
        )
        return (await child.communicate())[0].decode()


@asynccontextmanager
async def telling(
    folder: Path, site: Site, addresses: Mapping[str, str], **how: Any
) -> AsyncIterator[Telling]:
    """Give a daemon that is not yet started; whatever of it is alive at the end is killed."""
    daemon = Telling(folder, site, addresses=addresses, **how)
    try:
        yield daemon
    finally:
        if daemon.process is not None:
            await daemon.kill()

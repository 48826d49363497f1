"""Kill the daemon again and again while drifts begin and end, and count what its receivers were told."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.real.running import ROOT, Running, word_and_name

PATIENCE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Toll:
    """What a row of kills has cost: messages repeated, and what is wrong."""

    repeated: int
    wrong: tuple[str, ...]


async def kill_often(daemon: Running, *, kills: int, seed: int) -> Toll:
    """Kill `tagdrift run` at any instant: every second one while it starts, the others once it is ready."""
    drifts = _Drifts(daemon, kills)
    chance = random.Random(seed)
    for number in range(kills):
        drifts.go_on()
        await daemon.launch()
        if number % 2:
            await daemon.says("ready: the first round is done", PATIENCE)
        # Anywhere between the first look, the second, the sending and the marking.
        await asyncio.sleep(chance.uniform(0, 2.5))
        await daemon.kill()
    drifts.end()
    await daemon.start()
    await drifts.settled()
    assert await daemon.end() == 0
    return drifts.toll()


async def kill_at(daemon: Running, points: Sequence[str]) -> Toll:
    """Let the daemon kill itself at each of these points of `tests.real.doomed` in turn."""
    drifts = _Drifts(daemon, len(points))
    async with _doomed(daemon) as runs:
        for point in points:
            drifts.go_on(all_end="the end of" in point)
            status = await runs.end_of(point)
            assert status == -signal.SIGKILL, f"it did not die {point}, but ended with {status}"
        drifts.end()
        ending = asyncio.create_task(runs.end_of("never"))
        await drifts.settled()
        os.kill(runs.pid, signal.SIGTERM)
        assert await ending == 0
    return drifts.toll()


class _Drifts:
    """A project for each kill: its drift begins before that kill, and ends once it is known to fire."""

    def __init__(self, daemon: Running, kills: int) -> None:
        self._daemon = daemon
        self._names = [f"late-{number:03}" for number in range(kills)]
        self._begun = 0
        for name in self._names:
            daemon.publish(name, named="1.1.0")
        daemon.configure(*self._names)

    def go_on(self, *, all_end: bool = False) -> None:
        """Let another drift begin, and all end that are known to fire, but for one that is kept for later."""
        firing = self._firing()
        for name in firing if all_end else firing[:-1]:
            self._daemon.publish(name, named="1.1.0")
        self._daemon.publish(self._names[self._begun], named="1.0.0")
        self._begun += 1

    def _firing(self) -> list[str]:
        # A daemon that was killed at its first start has left no tables.
        with suppress(sqlite3.OperationalError):
            query = "SELECT target FROM alert_history WHERE resolved_at IS NULL ORDER BY id"
            return [target for (target,) in self._daemon.sql(query)]
        return []

    def end(self) -> None:
        for name in self._names:
            self._daemon.publish(name, named="1.1.0")
        self._ended_at = datetime.now(UTC)

    async def settled(self) -> None:
        """Wait until each has been looked at since the last of them ended, and all is told."""
        await self._daemon.until(self._is_settled, "the last message", PATIENCE + 3 * len(self._names))

    def _is_settled(self) -> bool:
        if not self._daemon.database.exists():
            return False
        since = int(self._ended_at.timestamp() * 1_000_000)
        looked = f"FROM observation_log WHERE at_us > {since} GROUP BY target, side HAVING count(*) >= 2"
        if len(self._daemon.sql(f"SELECT 1 {looked}")) < 2 * len(self._names):
            return False
        waiting = "SELECT 1 FROM delivery_log WHERE state IN ('queued', 'sending')"
        firing = "SELECT 1 FROM alert_history WHERE resolved_at IS NULL"
        return not self._daemon.sql(f"{firing} UNION ALL {waiting}")

    def toll(self) -> Toll:
        receivers = self._daemon.receivers
        return Toll(
            repeated=sum(_repeated(self._daemon, name) for name in receivers),
            wrong=tuple(sentence for name in receivers for sentence in self._wrong(name)),
        )

    def _wrong(self, receiver: str) -> list[str]:
        fired = {target for (target,) in self._daemon.sql("SELECT DISTINCT target FROM alert_history")}
        told = [word_and_name(title) for title in self._daemon.told[receiver]]
        wrong = [f"{receiver} was told of {name}, which never fired" for _, name in told if name not in fired]
        for target in sorted(fired):
            words = [word for word, name in told if name == target]
            if words != sorted(words):  # "behind", "behind, resolved", "resolved"
                wrong.append(f"{receiver} was told of {target} in another order: {words}")
            if not any("behind" in word for word in words):
                wrong.append(f"{receiver} was never told of {target}: {words}")
            if not any("resolved" in word for word in words):
                wrong.append(f"{receiver} was never told of the end of {target}: {words}")
        if len(fired) < self._begun / 4:
            wrong.append(f"only {len(fired)} of {self._begun} drifts fired: this has tried nothing")
        if _repeated(self._daemon, receiver) > self._begun:
            wrong.append(f"{receiver}: {_repeated(self._daemon, receiver)} repeated in {self._begun} kills")
        return wrong


def _repeated(daemon: Running, receiver: str) -> int:
    return sum(times - 1 for times in daemon.counted(receiver).values())


@dataclass
class _Runs:
    """The process that forks them."""

    server: asyncio.subprocess.Process
    pid: int = 0
    point: str = ""

    async def end_of(self, point: str) -> int:
        """Let a run begin, and return how it ended once all that it began has ended too."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.point = point
        self.server.stdin.write(f"{point}\n".encode())
        async with asyncio.timeout(PATIENCE):
            self.pid = int(await self.server.stdout.readline())
            return int(await self.server.stdout.readline())


@asynccontextmanager
async def _doomed(daemon: Running) -> AsyncIterator[_Runs]:
    log = (daemon.folder / "log").open("wb")
    server = await asyncio.create_subprocess_exec(
        *(*daemon.wrapper, sys.executable, "-m", "tests.real.doomed", "config.toml"),
        cwd=daemon.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    runs = _Runs(server)
    try:
        yield runs
        assert server.stdin is not None
        server.stdin.close()
        assert await asyncio.wait_for(server.wait(), PATIENCE) == 0
    finally:
        log.close()
        if server.returncode is None:
            print(f"{runs.point}:\n" + (daemon.folder / "log").read_text()[-4000:])
            os.kill(runs.pid, signal.SIGKILL)
            server.kill()
            await server.wait()

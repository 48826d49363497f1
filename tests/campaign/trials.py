"""What the campaign tries: each trial is a fault, how it comes about, and what must hold."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.killing import kill_often
from tests.real.running import ROOT, running
from tests.servers.site import Site
from tests.soak import verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How often it was tried, what was wrong (nothing, if all held), and a figure worth keeping."""

    times: int
    wrong: tuple[str, ...] = ()
    figure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One row of the table; `run` takes how much of it is wanted, 1.0 being all."""

    name: str
    fault: str
    how: str
    promise: str
    run: Callable[[float], Awaitable[Outcome]]


async def _kills(share: float) -> Outcome:
    kills = max(round(100 * share), 2)
    async with _site() as (site, folder), running(folder, site) as daemon:
        toll = await kill_often(daemon, kills=kills, seed=kills)
    repeated = ", ".join(f"{name} {times}" for name, times in toll.repeated.items())
    return Outcome(times=kills, wrong=toll.wrong, figure=f"messages repeated: {repeated}")


async def _stops(share: float) -> Outcome:
    times, wrong = max(round(10 * share), 1), []
    for number in range(times):
        async with _site() as (site, folder), running(folder, site) as daemon:
            daemon.publish("late", named="1.1.0")
            daemon.configure("late")
            await daemon.start()
            assert daemon.process is not None
            daemon.process.send_signal(signal.SIGSTOP)
            daemon.publish("late", named="1.0.0")
            await asyncio.sleep(60)
            daemon.process.send_signal(signal.SIGCONT)
            await daemon.until(lambda daemon=daemon: all(daemon.told.values()), "a message to each")
            if (await daemon.end(), [len(each) for each in daemon.told.values()]) != (0, [1, 1]):
                wrong.append(f"stop {number}: {daemon.told}")
    return Outcome(times=times, wrong=tuple(wrong))


async def _soak(share: float) -> Outcome:
    days = max(round(365 * share), 4)
    command = (sys.executable, "-m", "tests.soak", "--days", str(days))
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    printed, _ = await child.communicate()
    report: dict[str, Any] = json.loads(printed)
    late = sum(len(drifts) for drifts in report["late"].values())
    grown = max(report["megabytes"]) - report["megabytes"][0]
    figure = f"{days} days, {late} drifts, {report['answers']} answers, grown {grown:.1f} MB"
    return Outcome(times=sum(report["faults"].values()), wrong=tuple(verdict(report)), figure=figure)


class _site:  # noqa: N801 used as a function
    """A site and a folder in memory, for one daemon."""

    async def __aenter__(self) -> tuple[Site, Path]:
        memory = Path("/dev/shm")
        where = memory if memory.is_dir() else None  # noqa: ASYNC240 asked once
        self._folder = tempfile.TemporaryDirectory(prefix="tagdrift-", dir=where)
        self._site = await Site().open()
        return self._site, Path(self._folder.name)

    async def __aexit__(self, *_: object) -> None:
        await self._site.close()
        self._folder.cleanup()


TRIALS = (
    Trial(
        name="kills",
        fault="the daemon is killed",
        how="SIGKILL 0 to 2.5 s after a drift began and another ended, with two receivers",
        promise="every drift and its end reach each receiver, in order; at most one repeats a kill",
        run=_kills,
    ),
    Trial(
        name="stops",
        fault="the daemon is stopped for a minute",
        how="SIGSTOP, a drift begins meanwhile, SIGCONT",
        promise="the drift is told once to each receiver",
        run=_stops,
    ),
    Trial(
        name="soak",
        fault="one answer in twenty is wrong, for a year",
        how="50 targets on a clock moved by hand: 503, 404, reset, HTML, nothing, cut, shrunk, stale; "
        "a restart every five days",
        promise="each drift and its end told once, nothing else; grown under 10 MB, by no descriptor",
        run=_soak,
    ),
)

"""A month, or a year, of the whole daemon on a clock moved by hand: `python -m tests.soak --days 30`.

Fifty targets publish, are announced in time, late or early, and one answer in twenty is wrong. What comes of
it is printed as JSON. A process of its own, so that the memory it measures is not a test runner's.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.janitor import prune
from tests.conftest import START, ManualClock
from tests.housing import TARGET, Housing
from tests.servers.site import Site
from tests.soaking import World

# One wrong answer between two looks is nobody's business; a drift is told when it fires, and not again.
POLICY = """
threshold = "2h"
unreachable_after = "4h"
repeat_every = "7d"
critical_after = "7d"
"""
RESTART_EVERY = 5  # days
KEPT_FOR = timedelta(days=20)  # less than a month, so that a month shows what pruning does
WARM_FOR = 11  # days and two restarts, after which all that is loaded once has been loaded


class SteadyClock(ManualClock):
    """Pauses between attempts take no time: all targets that are due together are done together."""

    async def sleep(self, wait_for: timedelta) -> None:
        await asyncio.sleep(0)


def megabytes() -> float:
    """Return what this process holds in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def soak(*, days: int, targets: int, seed: int, folder: Path) -> dict[str, Any]:
    """Let the time pass, and return what was planted, what was told, and what it cost."""
    site = await Site().open()
    clock = SteadyClock()
    world = World(
        clock=clock, seed=seed, days=days, names=tuple(f"p{number:03}" for number in range(targets))
    )
    world.serve(site)
    housing = Housing(folder, site, clock, policy=POLICY, daemon="group_over = 1000\n")
    base = site.url("").rstrip("/")
    housing.target_tables = [
        TARGET.format(name=name, base=base, interval="3h", extra="") for name in world.names
    ]
    await housing.open()
    # As the daemon does: what is there now stays, and need not be gone over again and again.
    gc.collect()
    gc.freeze()
    measures = []
    for day in range(1, days + 1):
        for _ in range(24):
            await housing.pass_for(hours=1)
            site.requests.clear()
        await prune(housing.rooms.store, clock.now() - KEPT_FOR)
        if day % RESTART_EVERY == 0 and day < days:
            await housing.close()
            clock.advance(timedelta(minutes=10))
            await housing.open()
        if day >= WARM_FOR:
            measures.append((megabytes(), descriptors()))
    report = _report(world, housing, measures)
    await housing.close()
    await site.close()
    return report


def _report(world: World, housing: Housing, measures: list[tuple[float, int]]) -> dict[str, Any]:
    titles: dict[str, list[str]] = {}
    for heard in housing.heard:
        word, name = heard.title.split(":")[0].removeprefix("[").split("] ", 1)
        titles.setdefault(name, []).append(f"{heard.at:%m-%dT%H:%M} {word}")
    return {
        "late": {
            name: [
                f"{drift.published_at:%m-%dT%H:%M} to {drift.named_at:%dT%H:%M}" for drift in world.late(name)
            ]
            for name in world.names
        },
        "told": titles,
        "messages": len(housing.heard),
        "faults": dict(world.faults),
        "answers": world.answers,
        "megabytes": [round(measure[0], 1) for measure in measures],
        "descriptors": [measure[1] for measure in measures],
        "our_faults": housing.rooms.house.faults.counted,
    }


def verdict(report: dict[str, Any]) -> list[str]:
    """Return what a soak has shown that must not be, a sentence each."""
    wrong = []
    for name in report["late"] | report["told"]:
        drifts, told = report["late"].get(name, []), report["told"].get(name, [])
        if [line.split(" ", 1)[1] for line in told] != ["behind", "resolved"] * len(drifts):
            wrong.append(f"{name} was late {drifts} and told {told}")
    megabytes, held = report["megabytes"], report["descriptors"]
    if max(megabytes) - megabytes[0] >= 10:
        wrong.append(f"memory grew from {megabytes[0]} to {max(megabytes)} MB")
    half = len(held) // 2
    # Connections that are kept for the next look come and go.
    if max(held[half:]) > max(held[:half]):
        wrong.append(f"open descriptors grew from {max(held[:half])} to {max(held[half:])}")
    if report["our_faults"]:
        wrong.append(f"{report['our_faults']} faults of our own")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--targets", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    begun = time.monotonic()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="tagdrift-") as folder:
        report = asyncio.run(soak(**vars(arguments), folder=Path(folder)))
    print(json.dumps(report | {"seconds": round(time.monotonic() - begun, 1), "begun": f"{START:%F}"}))


if __name__ == "__main__":
    main()

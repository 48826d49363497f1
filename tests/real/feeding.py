"""The daemon on a clock moved by hand, fed with spoilt documents: `python -m tests.real.feeding FOLDER`.

Each pickle of the input is a round: what each target answers in it. A process of its own, so that the memory
it measures is not a test runner's. What came of it is printed as JSON.
"""

from __future__ import annotations

import asyncio
import json
import pickle  # what passes is our own, between a test and its child
import resource
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import web

from monitor.detector import is_firing
from monitor.model import Side
from monitor.store.looks import Look
from tests.conftest import ManualClock
from tests.housing import Housing
from tests.processes import highest_megabytes
from tests.real.fare import TARGETS, Target
from tests.servers.site import Site

Round = Mapping[str, tuple[bytes, str]]
POLICY = """
threshold = "1m"
keep_firing_for = "0s"
malformed_grace = "3660d"
unreachable_after = "3660d"
critical_after = "3660d"
repeat_every = "3660d"
"""


@dataclass
class Outcome:
    """What came of all documents: how each ended, what was wrong, and what it cost."""

    endings: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    firing: int = 0
    megabytes: float = 0.0
    seconds: float = 0.0


class Table:
    """Every target, what it answers, and what comes of it."""

    def __init__(self, housing: Housing) -> None:
        self.housing = housing
        self.outcome = Outcome()
        self._turn = 0
        self._served: dict[str, tuple[bytes, str]] = {}

    async def open(self) -> None:
        site = self.housing.site
        base = site.url("").rstrip("/")
        self.housing.target_tables = [target.table(base) for target in TARGETS.values()]
        for target in TARGETS.values():
            for path, good in target.beside(self.is_late(target)).items():
                site.answer(path, good)
            site.script(target.path, partial(self._answer, target.name))
        self._served = self._good(TARGETS)
        await self.housing.open()
        await self.settle()

    def is_late(self, target: Target) -> bool:
        """Every second one is behind, and after a turn the others."""
        return (list(TARGETS).index(target.name) + self._turn) % 2 == 0

    async def turn(self) -> None:
        """Let those that were behind be in step, and the others behind."""
        self._turn += 1
        for target in TARGETS.values():
            for path, good in target.beside(self.is_late(target)).items():
                self.housing.site.answer(path, good)
        self._served = self._good(TARGETS)
        await self.settle()

    async def settle(self) -> None:
        """Let good answers come in until what is behind is told, and nothing else."""
        await self.housing.pass_for(minutes=30)
        for target in TARGETS.values():
            checks = {check for check, _ in self._alerts(target.name)}
            if checks != ({"behind"} if self.is_late(target) else set()):
                self.outcome.wrong.append(f"{target.name} has {checks} before anything is spoilt")
        self.outcome.firing += sum(bool(self._alerts(name)) for name in TARGETS)

    async def feed(self, documents: Round) -> None:
        """Serve these, and see what comes of them; who could read one is then given good ones."""
        self._served |= documents
        before = {name: self._alerts(name) for name in TARGETS}
        since = self.housing.clock.now() + timedelta(seconds=1)
        await self.housing.pass_for(minutes=5)
        looks = self._looks_since(since)
        read = [name for name in TARGETS if self._ended(name, looks[name], before[name])]
        faults = self.housing.rooms.house.faults.now
        self.outcome.wrong += [f"our own fault: {fault}" for fault in faults]
        self._served |= self._good(read)
        if read:
            await self.housing.pass_for(minutes=10)
        self.housing.site.requests.clear()

    def _looks_since(self, at: datetime) -> dict[str, list[Look]]:
        """Return what was recorded of each target's side that is spoilt."""
        found: dict[str, list[Look]] = {name: [] for name in TARGETS}
        for look in self.housing.reader.observations(from_at=at, most=None):
            if (look.side is Side.METADATA) == TARGETS[look.target].is_metadata:
                found[look.target].append(look)
        return found

    def _ended(self, name: str, looks: list[Look], before: frozenset[tuple[str, int]]) -> bool:
        """Note what was recorded; return whether there is a reading."""
        outcomes = {look.outcome for look in looks}
        if "good" in outcomes or not outcomes:
            self.outcome.endings["reading" if outcomes else "not recorded"] += 1
            return True
        self.outcome.endings[looks[0].outcome] += 1
        for sentence in self.housing.reader.sentences([look.reading_id for look in looks]).values():
            if not sentence.isprintable() or not 10 < len(sentence) < 700:
                self.outcome.wrong.append(f"{name} failed without a sentence: {sentence[:200]!r}")
        if self._alerts(name) != before:
            self.outcome.wrong.append(f"{name}: {before} became {self._alerts(name)} by {outcomes}")
        return False

    def _alerts(self, name: str) -> frozenset[tuple[str, int]]:
        alerts = self.housing.rooms.house.watches[name].state.alerts
        return frozenset((alert.check.value, alert.id) for alert in alerts if is_firing(alert))

    def _good(self, names: Mapping[str, Target] | list[str]) -> dict[str, tuple[bytes, str]]:
        return {name: (TARGETS[name].good(self.is_late(TARGETS[name])), "") for name in names}

    async def _answer(self, name: str, _: web.BaseRequest) -> web.StreamResponse:
        body, content_type = self._served[name]
        return web.Response(body=body, headers={"Content-Type": content_type} if content_type else {})


async def feed_all(folder: Path) -> Outcome:
    """Take every round of the input in turn; half of them before the turn."""
    site = await Site().open()
    table = Table(Housing(folder, site, ManualClock(), policy=POLICY, receivers=[]))
    table.housing.environ = {"GITHUB_TOKEN": "ours"}
    table.housing.more = '[credentials]\ngithub = { env = "GITHUB_TOKEN" }\n'
    await table.open()
    for number in range(rounds := pickle.load(sys.stdin.buffer)):
        if number == rounds // 2:
            await table.turn()
        await table.feed(pickle.load(sys.stdin.buffer))
    await table.housing.close()
    await site.close()
    return table.outcome


def main() -> None:
    outcome = asyncio.run(feed_all(Path(sys.argv[1])))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    outcome.megabytes = highest_megabytes()
    outcome.seconds = usage.ru_utime + usage.ru_stime
    print(json.dumps(vars(outcome)))


if __name__ == "__main__":
    main()

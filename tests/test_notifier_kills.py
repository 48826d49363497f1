"""`kill -9` between send and mark repeats a message; at any other point it neither loses nor repeats one."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.outbox import Outbox
from tests.servers.receivers import hang
from tests.servers.site import Site

KILLS = 8  # in each of four tests, 32 in all
ALERTS = range(1, 2 * KILLS + 1)
TITLES = [f"alert {alert_id:02}, message {number}" for number in (1, 2) for alert_id in ALERTS]

Property = Callable[[str, object], None]


@dataclass
class Run:
    """One run of the daemon, and whether a message of it has arrived, and has been answered."""

    pid: int
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Campaign:
    """A receiver, and a daemon that is killed: what arrived in which run, and in which run it was marked."""

    outbox: Outbox
    daemon: asyncio.subprocess.Process
    receipts: Counter[tuple[str, int]] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    marked: dict[str, int] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    answers: bool = True

    async def receive(self, request: web.BaseRequest) -> web.StreamResponse:
        number, message = int(request.query["run"]), await request.text()
        for title in re.findall(r"alert \d+, message \d", message):
            self.receipts[title, number] += 1
            self.order.append(title)
        self.runs[number].arrived.set()
        if not self.answers:
            return await hang(request)
        response = web.Response()
        await response.prepare(request)
        await response.write_eof()
        self.runs[number].answered.set()
        return response

    async def run(self, until: Callable[[Run], Awaitable[object]] | None) -> None:
        """Let the daemon run until then and kill it; None lets it do all the rest, in few messages."""
        assert self.daemon.stdin is not None
        assert self.daemon.stdout is not None
        self.daemon.stdin.write(f"{len(self.runs)} {1 if until is None else 100}\n".encode())
        self.runs.append(Run(0))
        self.runs[-1].pid = int(await self.daemon.stdout.readline())
        if until is not None:
            await asyncio.wait_for(until(self.runs[-1]), 60)
            os.kill(self.runs[-1].pid, signal.SIGKILL)
        assert await asyncio.wait_for(self.daemon.stdout.readline(), 60) == b"gone\n"
        for title in self.delivered():
            self.marked.setdefault(title, len(self.runs) - 1)

    def delivered(self) -> list[str]:
        """Return the titles of what the database says is delivered."""
        with sqlite3.connect(self.outbox.path) as connection:
            rows = connection.execute("SELECT title FROM deliveries WHERE state = 'delivered'").fetchall()
        connection.close()
        return [title for (title,) in rows]


@pytest.fixture
async def campaign(outbox: Outbox, site: Site) -> AsyncIterator[Campaign]:
    for title in TITLES:
        await outbox.add("ops", int(title[6:8]), title=title)
    outbox.store.close()
    daemon = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.killable", str(outbox.path), str(site.port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    campaign = Campaign(outbox, daemon)
    site.script("/ops", campaign.receive)
    yield campaign
    assert daemon.stdin is not None
    daemon.stdin.close()
    assert await daemon.wait() == 0


def check(campaign: Campaign) -> None:
    """Nothing is lost, repeated without need, or out of order."""
    assert set(campaign.marked) == {*TITLES}
    for (title, run), times in campaign.receipts.items():
        assert times == 1, f"{title} came {times} times in run {run}"
        assert run <= campaign.marked[title], f"{title} came again although it was marked"
    assert all(campaign.receipts[title, run] == 1 for title, run in campaign.marked.items())
    assert campaign.receipts.total() - len(TITLES) <= KILLS
    for alert_id in ALERTS:
        mine = [title for title in campaign.order if title.startswith(f"alert {alert_id:02}")]
        assert mine == sorted(mine)


@pytest.mark.fault(
    "killed between send and mark",
    how="SIGKILL when the message has arrived and is not answered yet",
    promise="nothing is lost, and this message is repeated once",
)
async def test_killed_between_send_and_mark_it_repeats(campaign: Campaign, record_property: Property) -> None:
    record_property("times", KILLS)
    campaign.answers = False
    for _ in range(KILLS):
        await campaign.run(until=lambda run: run.arrived.wait())
    campaign.answers = True
    await campaign.run(until=None)
    check(campaign)
    assert campaign.receipts.total() == len(TITLES) + KILLS


@pytest.mark.fault(
    "killed as the receiver answers",
    how="SIGKILL at the instant of the answer",
    promise="nothing is lost, at most this message is repeated",
)
async def test_killed_as_the_receiver_answers_it_repeats_at_most_that_message(
    campaign: Campaign, record_property: Property
) -> None:
    record_property("times", KILLS)
    for _ in range(KILLS):
        await campaign.run(until=lambda run: run.answered.wait())
    await campaign.run(until=None)
    check(campaign)


@pytest.mark.fault(
    "killed after the mark",
    how="SIGKILL once the database says delivered",
    promise="nothing is lost, nothing is repeated",
)
async def test_killed_once_it_is_marked_it_repeats_nothing(
    campaign: Campaign, record_property: Property
) -> None:
    record_property("times", KILLS)

    async def marked(run: Run) -> None:
        before = len(campaign.delivered())
        await run.answered.wait()
        while len(campaign.delivered()) == before:  # noqa: ASYNC110 another process is watched
            await asyncio.sleep(0.002)

    for _ in range(KILLS):
        await campaign.run(until=marked)
    await campaign.run(until=None)
    check(campaign)


@pytest.mark.fault(
    "killed while it delivers",
    how="SIGKILL at random instants of the delivery",
    promise="nothing is lost, at most one message repeated a kill, in order",
)
async def test_killed_at_any_instant_it_loses_nothing(campaign: Campaign, record_property: Property) -> None:
    record_property("times", KILLS)
    chance = random.Random(17)
    for _ in range(KILLS):
        await campaign.run(until=lambda run: asyncio.sleep(chance.uniform(0, 0.6)))
    await campaign.run(until=None)
    check(campaign)

"""Receivers that hang delay no other, and no stop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta

from aiohttp import web

from monitor.notifier import Notifier
from tests.conftest import ManualClock
from tests.outbox import Outbox, drained
from tests.processes import children_of
from tests.servers.receivers import Hanging, drip
from tests.servers.site import Answer, Site

NO = Answer(status=500, body=b"no")
GRACE = timedelta(0)
OK = Answer(body=b"ok")


async def test_a_receiver_that_hangs_delays_no_other(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    hanging, arrived = Hanging(), asyncio.Event()

    async def take_and_say(request: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        return web.Response()

    site.script("/hung", hanging)
    site.script("/ops", take_and_say)
    both = notifier("hung", "ops")
    await outbox.add("hung", 17)
    await both.drain(clock.now())
    await hanging.arrived.wait()
    await outbox.add("ops", 17)
    await both.drain(clock.now())
    await asyncio.wait_for(arrived.wait(), timeout=60)
    assert both.is_sending
    # It gets one message at a time, whatever else is due for it.
    await outbox.add("hung", 18)
    await both.drain(clock.now())
    assert outbox.states("hung") == ["sending", "queued"]
    await both.stop(GRACE)
    assert outbox.states("hung") == ["queued", "queued"]


async def test_receivers_that_go_on_hanging_leave_room_for_the_others(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    arrived = asyncio.Event()

    async def take_and_say(request: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        return web.Response()

    hung = ("h1", "h2", "h3")
    for name in hung:
        site.script(f"/{name}", NO, drip)  # which no time-out of a plugin ends
        await outbox.add(name, 17)
    site.script("/ops", take_and_say)
    everybody = notifier(*hung, "ops", at_once=2)
    await drained(everybody, clock)
    clock.advance(timedelta(seconds=10))
    await everybody.drain(clock.now())
    await outbox.add("ops", 17)
    await everybody.drain(clock.now())
    await asyncio.wait_for(arrived.wait(), timeout=60)
    await everybody.stop(GRACE)
    assert [outbox.states(name) for name in hung] == [["queued"]] * 3


async def test_a_stop_ends_a_hanging_delivery_and_leaves_its_message_queued(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    hanging = Hanging()
    site.script("/ops", hanging)
    ops, before = notifier("ops", "chat", at_once=1), children_of(os.getpid())
    await outbox.add("ops", 17, 18)
    await ops.drain(clock.now())
    await hanging.arrived.wait()
    await outbox.add("chat", 17)
    await ops.drain(clock.now())
    await hanging.arrived.wait()
    await asyncio.wait_for(ops.stop(timedelta(seconds=0.1)), timeout=60)
    assert [(row.state, row.attempts) for row in outbox.rows()] == [("queued", 0)] * 3
    assert children_of(os.getpid()) == before
    await drained(ops, clock)
    assert len(site.requests) == 1


async def test_a_stop_lets_a_delivery_end_within_the_grace(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await ops.drain(clock.now())
    await ops.stop(timedelta(seconds=9))
    assert outbox.states() == ["delivered"]


async def test_at_most_so_many_deliveries_run_at_once(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    names = ("a", "b", "c")
    for name in names:
        site.answer(f"/{name}", "ok", after=0.05)
        await outbox.add(name, 17)
    await drained(notifier(*names, at_once=1), clock)
    assert site.peak == 1
    assert outbox.states() == ["delivered"] * 3

"""Deliver what is due, in order, each receiver for itself, and try again what was refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.notifier import Notifier
from tests.conftest import ManualClock
from tests.outbox import Outbox, drained, titles
from tests.servers.site import Answer, Site

NO = Answer(status=500, body=b"no")
OK = Answer(body=b"ok")


async def test_what_is_due_is_delivered_and_marked(
    notifier: Callable[..., Notifier],
    outbox: Outbox,
    site: Site,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    site.script("/ops", OK)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await outbox.add("nobody", 17)
    await drained(ops, clock)
    assert titles(site) == ["alert 17"]
    assert "receiver ops: told of alert 17 of " in caplog.text
    assert outbox.states() == ["delivered", "queued"]
    assert outbox.rows()[0].attempts == 1
    assert ops.health["ops"].delivered == 1
    assert await ops.next_at() is None
    await drained(ops, clock)
    assert len(site.requests) == 1


async def test_messages_about_one_alert_go_one_by_one_and_in_order(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", NO, OK)
    ops = notifier("ops")
    for title in ("first", "second"):
        await outbox.add("ops", 17, title=title)
    await drained(ops, clock)
    # The first was refused and waits: so does the second.
    assert outbox.states() == ["queued", "queued"]
    assert await ops.next_at() == clock.now()
    await drained(ops, clock)
    assert titles(site) == ["first"]
    clock.advance(timedelta(seconds=10))
    for _ in range(2):
        await drained(ops, clock)
    assert titles(site) == ["first", "first", "second"]


@pytest.mark.parametrize(("alerts", "messages"), [(2, 2), (3, 1)])
async def test_more_than_a_few_alerts_go_out_as_one_message_that_names_each(
    notifier: Callable[..., Notifier],
    outbox: Outbox,
    site: Site,
    clock: ManualClock,
    alerts: int,
    messages: int,
) -> None:
    site.script("/ops", OK)
    await outbox.add("ops", *range(1, alerts + 1))
    await drained(notifier("ops", group_over=2), clock)
    bodies = "".join(asked.body.decode() for asked in site.requests)
    assert len(site.requests) == messages
    assert all(f"alert {number}" in bodies for number in range(1, alerts + 1))
    assert outbox.states() == ["delivered"] * alerts


async def test_what_was_refused_is_tried_again_after_ten_seconds_and_then_twenty(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", NO, NO, OK)
    ops, started_at = notifier("ops"), clock.now()
    await outbox.add("ops", 17)
    for seconds in (10, 30):
        await drained(ops, clock)
        assert await ops.next_at() == started_at + timedelta(seconds=seconds)
        clock.advance(timedelta(seconds=seconds) - (clock.now() - started_at))
    (row,) = outbox.rows()
    assert (row.state, row.attempts, row.first_attempt_at) == ("queued", 2, started_at)
    assert row.sentence == "127.0.0.1 answered 500 Internal Server Error: no"
    assert ops.health["ops"].failing_since == started_at
    await drained(ops, clock)
    assert outbox.states() == ["delivered"]
    assert ops.health["ops"].failing_since is None


async def test_a_receiver_that_asks_for_time_gets_it_for_every_message(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", Answer(status=429, headers={"Retry-After": "300"}), OK)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await drained(ops, clock)
    clock.advance(timedelta(seconds=299))
    await outbox.add("ops", 18)
    await drained(ops, clock)
    assert len(site.requests) == 1
    clock.advance(timedelta(seconds=1))
    await drained(ops, clock)
    assert outbox.states() == ["delivered", "delivered"]


async def test_a_receiver_that_has_mended_gets_what_waits_for_it_at_once(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", Answer(status=404, body=b"no_service"), OK)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await drained(ops, clock)
    assert await ops.next_at() == clock.now() + timedelta(hours=1)
    await outbox.add("ops", 18)
    for _ in range(2):
        await drained(ops, clock)
    assert outbox.states() == ["delivered", "delivered"]


async def test_a_message_that_nobody_would_take_holds_back_no_other(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    async def picky(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=500 if b"poison" in await request.read() else 200)

    site.script("/ops", picky)
    ops = notifier("ops")
    await outbox.add("ops", 1, title="poison")
    await outbox.add("ops", 2)
    await drained(ops, clock)
    assert outbox.states() == ["queued", "queued"]
    assert [row.attempts for row in outbox.rows()] == [1, 0]
    clock.advance(timedelta(seconds=10))
    await drained(ops, clock)
    assert outbox.states() == ["queued", "delivered"]
    assert titles(site) == ["poison", "alert 2", "poison"]


async def test_a_week_after_the_first_attempt_a_message_is_given_up_and_shown(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", NO)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await drained(ops, clock)
    clock.advance(timedelta(days=6, hours=23))
    await drained(ops, clock)
    assert outbox.states() == ["queued"]
    clock.advance(timedelta(hours=1))
    await drained(ops, clock)
    (row,) = outbox.rows()
    assert (row.state, row.attempts) == ("undelivered", 3)
    assert row.sentence == "127.0.0.1 answered 500 Internal Server Error: no"
    assert ops.health["ops"].undelivered == 1
    clock.advance(timedelta(days=30))
    await drained(ops, clock)
    assert len(site.requests) == 3


async def test_a_clock_that_leaps_gives_up_nothing(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", NO)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await drained(ops, clock)
    clock.at += timedelta(days=20_000)
    await drained(ops, clock)
    assert [(row.state, row.attempts) for row in outbox.rows()] == [("queued", 2)]


async def test_what_was_being_sent_when_the_last_run_ended_is_sent_again(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    await outbox.add("ops", 17)
    await outbox.add("gone", 17)
    await outbox.store.writer.submit(lambda ledger: ledger.claim(clock.now(), ["ops", "gone"]))
    outbox.reopen()
    assert outbox.states() == ["sending", "sending"]
    ops = notifier("ops")
    await ops.start()
    await drained(ops, clock)
    assert outbox.states() == ["delivered", "dropped"]

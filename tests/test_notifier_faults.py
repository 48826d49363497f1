"""What is wrong with a receiver, or with ourselves, is told to whoever can still be reached."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.notifier import Notifier
from tests.conftest import ManualClock
from tests.outbox import Outbox, drained, titles, urls_of
from tests.servers.site import Answer, Site

NO = Answer(status=500, body=b"no")
OK = Answer(body=b"ok")
UNKNOWN = Answer(status=404, body=b"no_service")
HOUR = timedelta(hours=1)
OWN_FAULT = "[tagdrift] something is wrong with tagdrift itself"
CANARY = "canary5ecret"


# --- a receiver's ---------------------------------------------------------------------------------


async def test_a_refusal_that_looks_final_is_told_to_the_others_once_and_tried_hourly_then_daily(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", UNKNOWN)
    site.script("/chat", OK)
    both, started_at = notifier("ops", "chat"), clock.now()
    await outbox.add("ops", 17)
    await drained(both, clock)
    assert titles(site, "/chat") == ["[tagdrift] the receiver ops takes no messages"]
    assert "no_service" in json.loads(site.asked("/chat")[0].body)["message"]
    assert await both.next_at() == started_at + HOUR
    clock.advance(24 * HOUR)
    await drained(both, clock)
    assert await both.next_at() == started_at + 48 * HOUR
    assert len(titles(site, "/chat")) == 1
    assert len(titles(site)) == 2


async def test_a_refusal_that_nobody_else_could_be_told_of_is_told_at_the_next_one(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", UNKNOWN)
    site.script("/chat", NO, OK)
    both = notifier("ops", "chat")
    await outbox.add("ops", 17)
    for _ in range(3):
        await drained(both, clock)
        clock.advance(HOUR)
    assert len(titles(site, "/chat")) == 2


async def test_a_receiver_removed_while_it_waits_its_turn_is_not_asked(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await ops.drain(clock.now())
    await ops.use({})
    await ops.settle()
    assert not site.requests
    assert outbox.states() == ["dropped"]


# --- our own --------------------------------------------------------------------------------------


async def test_an_own_fault_is_told_to_all_at_most_hourly(
    notifier: Callable[..., Notifier], site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    site.script("/chat", NO)
    both = notifier("ops", "chat")
    for sentence in ("disk full", "disk full", "disk still full"):
        both.tell_own_fault(sentence)
        await both.settle()
    assert titles(site) == titles(site, "/chat") == [OWN_FAULT]
    clock.advance(HOUR)
    both.tell_own_fault("disk full again")
    await both.settle()
    assert [json.loads(asked.body)["message"].split("\n")[0] for asked in site.asked("/ops")] == [
        *("disk full", "disk full again")
    ]


async def test_an_own_fault_that_reached_nobody_is_told_again_after_a_minute(
    notifier: Callable[..., Notifier], site: Site, clock: ManualClock
) -> None:
    site.script("/ops", NO)
    ops = notifier("ops")
    for seconds in (0, 59, 1):
        clock.advance(timedelta(seconds=seconds))
        ops.tell_own_fault("disk full")
        await ops.settle()
    assert len(titles(site)) == 2


async def test_a_clock_set_back_does_not_silence_an_own_fault(
    notifier: Callable[..., Notifier], site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    ops = notifier("ops")
    ops.tell_own_fault("disk full")
    await ops.settle()
    clock.advance(HOUR)
    clock.at -= 1000 * HOUR
    ops.tell_own_fault("disk full")
    await ops.settle()
    assert len(titles(site)) == 2


async def test_a_database_that_cannot_be_read_is_told(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    ops = notifier("ops")
    outbox.take_away()
    await drained(ops, clock)
    assert titles(site) == [OWN_FAULT]
    assert "what waits cannot be sent" in json.loads(site.requests[0].body)["message"]
    outbox.bring_back()


@pytest.fixture
def unmarkable(outbox: Outbox, site: Site) -> None:
    """The database goes away as the first message comes."""

    async def take_the_database_away(request: web.BaseRequest) -> web.StreamResponse:
        outbox.take_away()
        return web.Response()

    site.script("/ops", take_the_database_away, OK)


async def test_a_delivery_that_could_not_be_recorded_is_recorded_later_and_not_repeated(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock, unmarkable: None
) -> None:
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await drained(ops, clock)
    assert titles(site) == ["alert 17", OWN_FAULT]
    await drained(ops, clock)
    outbox.bring_back()
    assert outbox.states() == ["sending"]
    await drained(ops, clock)
    assert outbox.states() == ["delivered"]
    assert titles(site) == ["alert 17", OWN_FAULT]


async def test_a_stop_records_what_could_not_be_recorded_before(
    notifier: Callable[..., Notifier], outbox: Outbox, clock: ManualClock, unmarkable: None
) -> None:
    ops = notifier("ops")
    await outbox.add("ops", 17)
    await drained(ops, clock)
    outbox.bring_back()
    await ops.stop(timedelta(seconds=1))
    assert outbox.states() == ["delivered"]


async def test_a_stop_without_a_database_says_so_and_ends(
    notifier: Callable[..., Notifier],
    outbox: Outbox,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ops = notifier("ops")
    outbox.store.close()
    await ops.stop(timedelta(seconds=1))
    assert "the outbox could not be put in order" in caplog.text
    ops.tell_own_fault("nobody is told any more")
    assert not ops.is_sending


async def test_a_defect_of_ours_is_told_and_leaves_no_message_behind(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", NO, OK)
    ops = notifier("ops", chance=lambda: 1 / 0)
    await outbox.add("ops", 17)
    await drained(ops, clock)
    assert titles(site) == ["alert 17", OWN_FAULT]
    assert outbox.states() == ["queued"]
    assert await ops.next_at() == clock.now() + HOUR


async def test_no_log_and_no_row_has_a_secret_of_an_address(
    outbox: Outbox, site: Site, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.answer(f"/{CANARY}", f"{CANARY} is unknown", status=404)
    site.script("/chat", OK)
    urls = {"ops": f"json://u:{CANARY}@127.0.0.1:{site.port}/{CANARY}", **urls_of(site, "chat")}
    both = Notifier(outbox.store, urls, clock)
    await outbox.add("ops", 17)
    await drained(both, clock)
    assert "**** is unknown" in caplog.text
    assert "**** is unknown" in outbox.rows()[0].sentence
    assert CANARY not in caplog.text
    assert CANARY not in repr(both.health)
    assert not [asked for asked in site.asked("/chat") if CANARY.encode() in asked.body]
    outbox.store.close()
    assert not [path for path in outbox.path.parent.iterdir() if CANARY.encode() in path.read_bytes()]


# --- one that has asked to be left alone ----------------------------------------------------------


async def test_nobody_hears_of_others_or_of_us_before_the_time_it_has_asked_for(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", UNKNOWN)
    site.script("/chat", Answer(status=429, headers={"Retry-After": "600"}), OK)
    both = notifier("ops", "chat")
    await outbox.add("chat", 17)
    await drained(both, clock)
    await outbox.add("ops", 17)
    await drained(both, clock)
    both.tell_own_fault("disk full")
    await both.settle()
    assert len(site.asked("/chat")) == 1
    clock.advance(timedelta(seconds=600))
    await drained(both, clock)
    assert titles(site, "/chat") == ["alert 17", "alert 17"]


async def test_the_time_asked_for_when_it_heard_of_us_holds_for_every_message(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", Answer(status=429, headers={"Retry-After": "600"}), OK)
    ops = notifier("ops")
    ops.tell_own_fault("disk full")
    await ops.settle()
    await outbox.add("ops", 17)
    for seconds, told in ((0, [OWN_FAULT]), (600, [OWN_FAULT, "alert 17"])):
        clock.advance(timedelta(seconds=seconds))
        await drained(ops, clock)
        assert titles(site) == told

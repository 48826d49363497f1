"""Attempts, waits, the one deadline, and how many fetches there are at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.clock import SystemClock
from monitor.fetcher import NoAnswer
from monitor.model import Request
from tests.conftest import ManualClock
from tests.servers.names import Names
from tests.servers.site import Answer

BUSY = Answer(status=503)
GOOD = Answer(body=b"document")


async def aborts(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def failure_of(fetcher, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(Request(url=url))
    return caught.value


async def test_a_server_in_trouble_is_asked_twice_more(site, fetcher):
    site.script("/m", BUSY, BUSY, GOOD)
    document = await fetcher.fetch(Request(url=site.url("/m")))
    assert (document.body, document.attempts) == (b"document", 3)


async def test_and_no_more_than_twice(site, fetcher):
    site.answer("/m", status=503)
    error = await failure_of(fetcher, site.url("/m"))
    assert len(site.asked("/m")) == error.attempts == 3
    assert error.status == 503
    assert error.failure.reason == "unreachable"
    assert error.failure.answered


async def test_a_connection_that_is_cut_counts_as_an_attempt_and_is_not_repeated_behind_our_back(
    site, fetcher
):
    site.script("/m", aborts)
    error = await failure_of(fetcher, site.url("/m"))
    assert len(site.asked("/m")) == 3
    assert (error.attempts, error.status) == (3, 0)
    assert not error.failure.answered
    assert not error.failure.is_local


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 429])
async def test_an_answer_that_would_be_the_same_again_is_not_asked_for_again(site, fetcher, status):
    site.answer("/m", status=status)
    error = await failure_of(fetcher, site.url("/m"))
    assert error.attempts == len(site.asked("/m")) == 1
    assert error.status == status


async def test_one_that_answered_once_has_answered(site, fetcher):
    site.script("/m", BUSY, aborts)
    error = await failure_of(fetcher, site.url("/m"))
    assert error.failure.answered


class NotingClock(ManualClock):
    """A clock that notes how long it was asked to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, wait_for: timedelta) -> None:
        self.slept.append(wait_for.total_seconds())
        await super().sleep(wait_for)


async def test_waits_between_attempts_are_jittered_from_zero_to_their_bound(site, open_fetcher):
    clock = NotingClock()
    fetcher = open_fetcher(clock=clock)
    site.answer("/m", status=503)
    for _ in range(30):
        await failure_of(fetcher, site.url("/m"))
    first, second = clock.slept[0::2], clock.slept[1::2]
    assert len(first) == len(second) == 30
    assert 0 <= min(first) < 0.15 < 0.35 < max(first) <= 0.5
    assert 0 <= min(second) < 0.45 < 1.05 < max(second) <= 1.5


async def test_how_long_and_how_often_it_is_tried_again_is_the_caller_s_choice(site, open_fetcher):
    clock = NotingClock()
    site.answer("/m", status=503)
    await failure_of(open_fetcher(clock=clock, pauses=()), site.url("/m"))
    assert len(site.asked("/m")) == 1
    await failure_of(open_fetcher(clock=clock, pauses=(timedelta(0),) * 2), site.url("/m"))
    assert len(site.asked("/m")) == 4
    assert clock.elapsed == 0


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_without_a_wait(site, fetcher, clock):
    site.script("/m", GOOD, GOOD, GOOD, aborts, GOOD)
    for _ in range(3):
        await fetcher.fetch(Request(url=site.url("/m")))
    document = await fetcher.fetch(Request(url=site.url("/m")))
    assert document.attempts == 2
    assert clock.elapsed == 0


async def test_a_server_that_answers_over_a_kept_connection_is_given_time_as_well(site, open_fetcher):
    clock = NotingClock()
    fetcher = open_fetcher(clock=clock)
    site.answer("/m", "document")
    for _ in range(3):
        await fetcher.fetch(Request(url=site.url("/m")))
    site.answer("/m", status=503)
    await failure_of(fetcher, site.url("/m"))
    assert len({asked.peer for asked in site.asked("/m")[2:4]}) == 1
    assert clock.slept[0] > 0


async def test_a_deadline_is_in_real_time_where_the_clock_stands_still(site, open_fetcher):
    site.answer("/m", after=30)
    error = await failure_of(open_fetcher(deadline_for=timedelta(seconds=0.2)), site.url("/m"))
    assert str(error) == f"{site.url('/m')} accepted the connection and gave no answer within 0.2 s"
    assert (error.failure.reason, error.failure.answered, error.attempts) == ("unreachable", False, 1)


async def test_a_clock_moved_by_hours_during_a_fetch_does_not_end_it(site, open_fetcher, clock):
    async def moves_the_clock(request: web.BaseRequest) -> web.StreamResponse:
        clock.advance(timedelta(hours=5))
        return web.Response(status=302, headers={"Location": "/end"})

    site.script("/m", moves_the_clock)
    site.answer("/end", "document")
    document = await open_fetcher(deadline_for=timedelta(seconds=5)).fetch(Request(url=site.url("/m")))
    assert document.body == b"document"


async def test_the_deadline_spans_attempts_waits_and_redirects_together(site, open_fetcher):
    site.script("/m", Answer(status=503, after=0.1), Answer(status=302, headers={"Location": "/n"}))
    site.answer("/n", after=30)
    fetcher = open_fetcher(deadline_for=timedelta(seconds=1.5), pauses=(timedelta(0),))
    error = await failure_of(fetcher, site.url("/m"))
    assert "accepted the connection and gave no answer within 1.5 s" in str(error)
    assert error.failure.answered


async def test_a_wait_that_the_deadline_cuts_off_leaves_the_last_trouble(site, open_fetcher):
    site.answer("/m", status=503)
    fetcher = open_fetcher(
        clock=SystemClock(), deadline_for=timedelta(seconds=0.2), pauses=(timedelta(hours=10),)
    )
    error = await failure_of(fetcher, site.url("/m"))
    assert "503 Service Unavailable" in str(error)


async def test_a_fetch_that_is_cancelled_is_cancelled(site, fetcher):
    has_come = asyncio.Event()

    async def hangs(request: web.BaseRequest) -> web.StreamResponse:
        has_come.set()
        await asyncio.sleep(30)
        return web.Response()

    site.script("/m", hangs)
    task = asyncio.create_task(fetcher.fetch(Request(url=site.url("/m"))))
    await has_come.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_host_has_ten_fetches_at_once_and_waiting_for_a_turn_eats_no_deadline(site, open_fetcher):
    site.answer("/m", "document", after=0.5)
    fetcher = open_fetcher(deadline_for=timedelta(seconds=1.9))
    documents = await asyncio.gather(*(fetcher.fetch(Request(url=site.url("/m"))) for _ in range(40)))
    assert len(documents) == 40
    assert site.peak == 10


async def test_a_host_that_others_redirect_to_has_ten_connections_at_most(site, open_site, fetcher):
    site.answer("/m", "document", after=0.05)
    others = [await open_site() for _ in range(3)]
    for other in others:
        other.answer("/m", status=302, headers={"Location": site.url("/m")})
    requests = [Request(url=other.url("/m")) for other in others for _ in range(10)]
    await asyncio.gather(*(fetcher.fetch(request) for request in requests))
    assert 1 < site.peak <= 10


async def test_thirty_fetches_run_at_once(open_site, fetcher):
    sites = [await open_site() for _ in range(6)]
    running = peak = 0
    all_there = asyncio.Event()

    async def counts(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        if running == 30:
            # Time for one too many to come as well.
            asyncio.get_running_loop().call_later(0.2, all_there.set)
        await all_there.wait()
        running -= 1
        return web.Response(body=b"document")

    for site in sites:
        site.script("/m", counts)
    requests = [Request(url=site.url("/m")) for site in sites for _ in range(10)]
    await asyncio.gather(*(fetcher.fetch(request) for request in requests))
    assert peak == 30


async def test_a_host_that_is_asked_rarely_keeps_no_connection(site, fetcher, clock):
    site.answer("/m", "document")
    for _ in range(4):
        await fetcher.fetch(Request(url=site.url("/m")))
        clock.advance(timedelta(minutes=5))
    assert len({asked.peer for asked in site.asked("/m")}) == 4


async def test_a_host_that_is_asked_often_keeps_its_connection(site, fetcher, clock):
    site.answer("/m", "document")
    for _ in range(6):
        await fetcher.fetch(Request(url=site.url("/m")))
        clock.advance(timedelta(seconds=1))
    peers = [asked.peer for asked in site.asked("/m")]
    assert len(set(peers[:3])) == 3
    assert len(set(peers[2:])) == 1


async def test_idle_connections_are_few_however_many_hosts_are_asked_often(site, open_fetcher):
    names = [f"h{n}.test" for n in range(60)]
    fetcher = open_fetcher(resolver=Names(dict.fromkeys(names, "127.0.0.1")))
    site.answer("/m", "document")
    for name in names:
        for _ in range(4):
            await fetcher.fetch(Request(url=site.url("/m", host=name)))
    assert 30 < site.connections <= 41


async def test_a_post_is_sent_as_one_and_tried_again_like_a_get(site, fetcher):
    site.script("/m", BUSY, GOOD)
    document = await fetcher.fetch(Request(url=site.url("/m"), body=b"query"))
    assert document.attempts == 2
    assert [(asked.method, asked.body) for asked in site.asked("/m")] == [("POST", b"query")] * 2


async def test_it_says_who_it_is_and_asks_for_gzip_only(site, fetcher):
    site.answer("/m", "document")
    await fetcher.fetch(Request(url=site.url("/m")))
    headers = site.asked("/m")[0].headers
    assert headers["User-Agent"].startswith("tagdrift/")
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["Accept"] == "*/*"
    assert "Cookie" not in headers


async def test_a_cookie_is_not_kept(site, fetcher):
    site.answer("/m", "document", headers={"Set-Cookie": "a=b"})
    for _ in range(2):
        await fetcher.fetch(Request(url=site.url("/m")))
    assert "Cookie" not in site.asked("/m")[1].headers

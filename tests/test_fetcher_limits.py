"""Limits: when a host asks to be left alone, and that it then is."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.fetcher import MemoryLimits, NoAnswer
from monitor.fetcher.limits import hold_until, retry_after
from monitor.model import Request
from tests.conftest import START
from tests.servers.github_words import SECONDARY, SPENT_GRAPHQL, limited_graphql

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RESET = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START.timestamp()) + 900)}


async def limited(fetcher, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(Request(url=url))
    assert caught.value.failure.reason == "limited"
    return caught.value


def dated(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "hold"),
    [
        pytest.param({"Retry-After": "120"}, timedelta(seconds=120), id="seconds"),
        pytest.param({"Retry-After": " 120 "}, timedelta(seconds=120), id="spaces"),
        pytest.param({"Retry-After": dated(START + timedelta(hours=2))}, timedelta(hours=2), id="date"),
        pytest.param({"Retry-After": "Wed, 16 Oct 2024 14:00:00 +0200"}, MINUTE, id="date that is now"),
        pytest.param(
            {"Retry-After": "Wed, 16 Oct 2024 13:00:00"}, timedelta(hours=1), id="date without zone"
        ),
        pytest.param({"Retry-After": dated(START - DAY)}, MINUTE, id="date gone by"),
        pytest.param({"Retry-After": "0"}, MINUTE, id="zero"),
        pytest.param({"Retry-After": "-1"}, MINUTE, id="negative"),
        pytest.param({"Retry-After": "soon"}, MINUTE, id="nonsense"),
        pytest.param({"Retry-After": "٣"}, MINUTE, id="digits that are not ASCII"),
        pytest.param({"Retry-After": "9" * 4000}, DAY, id="for ever"),
        pytest.param({"Retry-After": "30"} | RESET, timedelta(seconds=30), id="Retry-After before reset"),
        pytest.param(RESET, timedelta(minutes=15), id="reset as an instant"),
        pytest.param(
            {"RateLimit-Remaining": "0", "RateLimit-Reset": "45"},
            timedelta(seconds=45),
            id="reset as seconds",
        ),
        pytest.param(RESET | {"X-RateLimit-Reset": "soon"}, MINUTE, id="reset that is nonsense"),
        pytest.param(RESET | {"X-RateLimit-Reset": "1000000001"}, MINUTE, id="reset gone by"),
        pytest.param(RESET | {"X-RateLimit-Reset": "9" * 30}, DAY, id="reset never"),
        pytest.param(RESET | {"X-RateLimit-Remaining": "12"}, MINUTE, id="quota not spent"),
        pytest.param({}, MINUTE, id="nothing said"),
    ],
)
def test_how_long_a_host_is_left_alone(headers, hold):
    assert hold_until(headers, START) == START + hold


@given(st.text(max_size=40) | st.text(alphabet="0123456789 :,+-GMTWedOct.", max_size=40))
def test_no_retry_after_can_break_us(header):
    try:
        asked_for = retry_after(header, START)
    except ParseError:
        return
    assert timedelta(0) <= asked_for <= DAY


@given(st.dictionaries(st.sampled_from(["Retry-After", *RESET]), st.text(max_size=40)))
def test_a_hold_is_never_empty_nor_longer_than_a_day(headers):
    assert START < hold_until(headers, START) <= START + DAY


SPENT = {"X-RateLimit-Remaining": "0"}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 429}, id="429"),
        pytest.param({"status": 403, "headers": {"Retry-After": "60"}}, id="403 with Retry-After"),
        pytest.param({"status": 403, "headers": SPENT}, id="403 with the quota spent"),
        pytest.param(
            {"status": 403, "body": "You have exceeded a secondary rate limit."}, id="403 that says so"
        ),
        pytest.param(
            {
                "status": 403,
                "body": gzip.compress(b'{"message": "API rate limit exceeded for 192.0.2.1"}'),
                "headers": {"Content-Encoding": "gzip"},
            },
            id="403 that says so in gzip",
        ),
        pytest.param({"status": 503, "headers": {"Retry-After": "60"}}, id="503 with Retry-After"),
    ],
)
async def test_a_limit_is_told_from_a_refusal_and_the_host_is_not_asked_until_it_ends(
    site, fetcher, clock, answer
):
    site.answer("/m", **answer)
    error = await limited(fetcher, site.url("/m"))
    assert error.failure.retry_at == START + MINUTE
    assert error.failure.answered
    assert error.attempts == 1
    site.answer("/m", "document")
    site.answer("/other", "document")
    clock.advance(timedelta(seconds=59))
    held = await limited(fetcher, site.url("/other"))
    assert str(held) == (
        f"127.0.0.1:{site.port} wants to be left alone until 2024-10-16 12:01:00 UTC; it was not asked"
    )
    assert (held.attempts, held.status, held.failure.answered) == (0, 0, False)
    assert held.failure.retry_at == START + MINUTE
    assert len(site.requests) == 1
    clock.advance(timedelta(seconds=1))
    assert (await fetcher.fetch(Request(url=site.url("/other")))).body == b"document"


GRAPHQL = [
    pytest.param({"errors": [{"type": "RATE_LIMITED"}]}, SPENT, MINUTE, id="of old"),
    pytest.param(SPENT_GRAPHQL, RESET, timedelta(minutes=15), id="until the reset"),
    pytest.param(
        SPENT_GRAPHQL,
        RESET | {"X-RateLimit-Remaining": "4"},
        timedelta(minutes=15),
        id="some seems to be left",
    ),
    pytest.param(limited_graphql(SECONDARY), {"Retry-After": "120"}, 2 * MINUTE, id="asked too fast"),
    pytest.param(limited_graphql(SECONDARY), {"X-RateLimit-Remaining": "4999"}, MINUTE, id="no word on when"),
]


@pytest.mark.parametrize(("said", "headers", "hold"), GRAPHQL)
async def test_a_limit_that_graphql_tells_with_200_holds_it_too(site, fetcher, said, headers, hold):
    site.answer("/graphql", said, headers=headers)
    request = Request(url=site.url("/graphql"), body=b"{}")
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(request)
    failure = caught.value.failure
    assert (failure.reason, failure.retry_at, failure.answered) == ("limited", START + hold, True)
    assert f"{site.url('/graphql')} answered that its limit is reached" in failure.sentence
    with pytest.raises(NoAnswer, match="was not asked"):
        await fetcher.fetch(request)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param({"status": 403, "body": "No access for you"}, "refused", id="403"),
        pytest.param(
            {"status": 403, "body": b"rate limit", "headers": {"Content-Encoding": "br"}},
            "refused",
            id="403 in br",
        ),
        pytest.param({"status": 404, "headers": SPENT}, "refused", id="404"),
        pytest.param({"status": 503}, "unreachable", id="503"),
        pytest.param({"status": 500, "headers": {"Retry-After": "60"}}, "unreachable", id="500"),
    ],
)
async def test_what_is_no_limit_holds_nobody(site, open_fetcher, answer, reason):
    limits = MemoryLimits()
    site.answer("/m", **answer)
    with pytest.raises(NoAnswer) as caught:
        await open_fetcher(limits=limits).fetch(Request(url=site.url("/m")))
    assert caught.value.failure.reason == reason
    assert limits.until(f"127.0.0.1:{site.port}") is None


async def test_a_hold_survives_a_restart(site, open_fetcher):
    limits = MemoryLimits()
    site.answer("/m", status=429, headers={"Retry-After": "600"})
    await limited(open_fetcher(limits=limits), site.url("/m"))
    held = await limited(open_fetcher(limits=limits), site.url("/m"))
    assert "was not asked" in str(held)
    assert len(site.requests) == 1


async def test_a_hold_is_for_one_host(site, open_site, fetcher):
    other = await open_site()
    other.answer("/m", "document")
    site.answer("/m", status=429)
    await limited(fetcher, site.url("/m"))
    assert (await fetcher.fetch(Request(url=other.url("/m")))).body == b"document"


async def test_a_held_host_is_not_asked_through_a_redirect_either(site, open_site, fetcher):
    other = await open_site()
    other.answer("/a", status=302, headers={"Location": site.url("/m")})
    site.answer("/m", status=429)
    await limited(fetcher, site.url("/m"))
    held = await limited(fetcher, other.url("/a"))
    assert held.failure.answered
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [200, 304])
async def test_the_answer_that_spends_the_quota_is_good_and_the_next_is_not_asked_for(site, fetcher, status):
    site.answer("/m", "document", etag='"1"')
    await fetcher.fetch(Request(url=site.url("/m")))
    etag = '"1"' if status == 304 else '"2"'
    site.answer("/m", "document", etag=etag, headers=RESET)
    document = await fetcher.fetch(Request(url=site.url("/m")))
    assert (document.body, document.unchanged) == (b"document", status == 304)
    held = await limited(fetcher, site.url("/m"))
    assert held.failure.retry_at == START + timedelta(minutes=15)


@pytest.mark.parametrize("off", [timedelta(days=400), timedelta(hours=25), timedelta(days=-20000)])
async def test_a_hold_written_under_a_wrong_clock_holds_nobody(site, open_fetcher, off):
    limits = MemoryLimits()
    limits.hold(f"127.0.0.1:{site.port}", max(START + off, datetime(1970, 1, 1, tzinfo=UTC)))
    site.answer("/m", "document")
    assert (await open_fetcher(limits=limits).fetch(Request(url=site.url("/m")))).body == b"document"


async def test_a_limit_is_not_tried_again_within_the_fetch(site, fetcher):
    site.answer("/m", status=429, headers={"Retry-After": "1"})
    assert (await limited(fetcher, site.url("/m"))).attempts == 1
    assert len(site.requests) == 1


async def test_a_limit_met_while_others_wait_for_their_turn_stops_them(site, fetcher):
    site.answer("/m", status=429)
    errors = await asyncio.gather(*(limited(fetcher, site.url("/m")) for _ in range(30)))
    assert len(site.requests) <= 10
    assert sum(error.attempts == 0 for error in errors) >= 20

"""What must not be shown is not shown: tokens, passwords, what a query carries."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta

import pytest
from yarl import URL

from monitor.fetcher import MemoryCache, NoAnswer, mask
from monitor.model import Credential, Request

CANARY = "canary-4f1d"
TOKEN = {"gh": Credential(name="gh", value=CANARY)}


def everything_about(error: BaseException) -> str:
    """Return all that a log could show of it: sentence, repr, chain, and the frames' own text."""
    shown = [str(error), repr(error), *traceback.format_exception(error)]
    links = [link for link in (error.__cause__, error.__context__) if link is not None]
    return "\n".join([*shown, *map(everything_about, links)])


async def error_of(fetcher, request: Request) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(request)
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 404}, id="refused"),
        pytest.param({"status": 503}, id="unreachable"),
        pytest.param({"status": 204}, id="malformed"),
        pytest.param({"status": 429}, id="limited"),
        pytest.param({"status": 302, "headers": {"Location": "?again=canary-4f1d"}}, id="redirected"),
        pytest.param({"status": 302, "headers": {"Location": "ftp://canary-4f1d@h/"}}, id="misdirected"),
        pytest.param(
            {
                "status": 302,
                "headers": {"Location": "http://u:canary-4f1d@127.0.0.1:1/?t=canary-4f1d#canary-4f1d"},
            },
            id="led astray",
        ),
        pytest.param({"body": b"x", "headers": {"Content-Encoding": "canary-4f1d"}}, id="encoded"),
        pytest.param({"after": 30}, id="late"),
    ],
)
async def test_no_failure_shows_a_query_value_userinfo_or_token(site, open_fetcher, answer, caplog):
    caplog.set_level(logging.DEBUG)
    fetcher = open_fetcher(credentials=TOKEN, deadline_for=timedelta(seconds=0.3), pauses=(timedelta(0),))
    site.answer("/m", **answer)
    url = site.url(f"/m?token={CANARY}&{CANARY}", userinfo=f"user:{CANARY}@")
    for request in (Request(url=url), Request(url=url, credential="gh")):
        error = await error_of(fetcher, request)
        assert CANARY not in everything_about(error)
        assert CANARY not in repr(error.failure)
        assert error.__cause__ is None
        assert error.__context__ is None
    assert CANARY not in caplog.text
    assert site.asked("/m")


@pytest.mark.parametrize("status", ["echo", "cut"])
async def test_a_server_that_echoes_the_token_does_not_make_us_show_it(site, open_fetcher, status):
    fetcher = open_fetcher(credentials=TOKEN)
    location = f"http://127.0.0.1:1/{CANARY}" if status == "echo" else f"ftp://{CANARY}/"
    site.answer("/m", status=302, headers={"Location": location})
    error = await error_of(fetcher, Request(url=site.url("/m"), credential="gh"))
    assert CANARY not in everything_about(error)


async def test_nothing_that_is_kept_shows_them(site, open_fetcher):
    cache = MemoryCache()
    fetcher = open_fetcher(credentials=TOKEN, cache=cache)
    site.answer("/m", "document", etag='"1"')
    url = site.url(f"/m?token={CANARY}", userinfo=f"user:{CANARY}@")
    document = await fetcher.fetch(Request(url=url, credential="gh"))
    assert document.url == site.url("/m")
    assert CANARY not in repr(document) + repr(vars(cache)) + repr(vars(fetcher)["_plans"].values())
    assert CANARY not in repr(vars(fetcher)["_planner"])


async def test_userinfo_is_sent_as_basic_credentials_and_left_out_of_the_address(site, fetcher):
    site.answer("/m", "document")
    await fetcher.fetch(Request(url=site.url("/m", userinfo="us%40er:p%3Ass@")))
    assert site.asked("/m")[0].headers["Authorization"] == "Basic dXNAZXI6cDpzcw=="


async def test_a_credential_is_sent_as_bearer_and_goes_before_userinfo(site, open_fetcher):
    site.answer("/m", "document")
    fetcher = open_fetcher(credentials={"gh": Credential(name="gh", value=f" {CANARY}\n")})
    await fetcher.fetch(Request(url=site.url("/m", userinfo="u:p@"), credential="gh"))
    assert site.asked("/m")[0].headers["Authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        pytest.param({}, "'gh', which is not configured", id="unknown"),
        pytest.param(
            {"gh": Credential(name="gh", value=" ")}, "'gh' is empty or holds characters", id="empty"
        ),
        pytest.param({"gh": Credential(name="gh", value="a\nb")}, "'gh' is empty or holds", id="two lines"),
        pytest.param(
            {"gh": Credential(name="gh", value="t\xf6ken")}, "'gh' is empty or holds", id="not ASCII"
        ),
    ],
)
async def test_a_credential_that_cannot_be_sent_is_said_and_nobody_is_asked(
    site, open_fetcher, credentials, says
):
    fetcher = open_fetcher(credentials=credentials)
    error = await error_of(fetcher, Request(url=site.url("/m"), credential="gh"))
    assert says in str(error)
    assert (error.failure.reason, error.failure.answered, error.attempts) == ("refused", False, 0)
    assert not site.requests


async def test_a_credential_is_not_sent_to_a_host_that_a_server_named(site, open_fetcher):
    fetcher = open_fetcher(credentials=TOKEN, allowed_hosts=["example.test"])
    error = await error_of(fetcher, Request(url=site.url("/m"), credential="gh"))
    assert "is not sent to" in str(error)
    assert not site.requests


@pytest.mark.parametrize(
    "url",
    [
        "",
        "latest.json",
        "ftp://example.test/",
        "http://",
        "http://[::1",
        "http://h:0/",
        "http://h:99999/",
        "file:///etc/passwd",
        "http://\udcff/",
    ],
)
async def test_what_is_no_address_is_refused_without_asking(fetcher, url):
    error = await error_of(fetcher, Request(url=url))
    assert error.failure.reason == "refused"
    assert (error.attempts, error.failure.answered) == (0, False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.test/a", "https://example.test/a"),
        ("https://u:p@example.test:8443/a#f", "https://example.test:8443/a"),
        ("https://example.test:443/a", "https://example.test/a"),
        ("https://example.test/?a=1&b=2", "https://example.test/?a=…&b=…"),
        ("https://example.test/?secret", "https://example.test/?…"),
        ("https://example.test/?" + "&".join(f"k{n}=v" for n in range(12)), None),
        ("https://example.test/" + "a" * 300, "https://example.test/" + "a" * 199 + "…"),
        ("http://[::1", "an address that is not a URL"),
    ],
)
def test_an_address_is_shown_without_what_it_may_hide(url, shown):
    masked = mask(url)
    if shown is None:
        assert masked.count("=…") == 10
    else:
        assert masked == shown
        assert mask(URL(url)) == shown if "[" not in url else True

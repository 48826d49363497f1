"""Failures of name resolution, routing and connections: whose they are, and what is said of them."""

from __future__ import annotations

import errno
import os
import socket
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import http_exceptions
from aiohttp.client_reqrep import ConnectionKey

from monitor.fetcher import NoAnswer
from monitor.fetcher.faults import of_deadline, of_error, phrase
from monitor.fetcher.guard import Passage, Reach
from monitor.model import Request
from tests.servers.names import Names

WHERE = "http://example.test/m"


async def failure_of(fetcher, url: str = WHERE) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(Request(url=url))
    return caught.value


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (socket.EAI_NONAME, "no such name"),
        (socket.EAI_NODATA, "no such name"),
        (socket.EAI_AGAIN, "no answer from DNS"),
        (socket.EAI_FAIL, "DNS failed"),
    ],
)
async def test_a_name_that_does_not_resolve_is_more_likely_our_fault(open_fetcher, number, says):
    fetcher = open_fetcher(resolver=Names({"example.test": socket.gaierror(number, "canary")}))
    error = await failure_of(fetcher)
    assert str(error) == f"{WHERE}: its name could not be resolved ({says})"
    assert error.failure.reason == "unreachable"
    assert (error.failure.answered, error.failure.is_local, error.attempts) == (False, True, 3)


async def test_a_name_that_resolves_for_ever_ends_with_the_deadline(open_fetcher):
    fetcher = open_fetcher(resolver=Names({"example.test": None}), deadline_for=timedelta(seconds=0.15))
    error = await failure_of(fetcher)
    assert str(error) == f"{WHERE}: its name was not resolved within 0.15 s (no answer from DNS)"
    assert (error.failure.answered, error.failure.is_local) == (False, True)


async def test_a_refused_connection_is_theirs(site, fetcher):
    await site.drop()
    error = await failure_of(fetcher, site.url("/m"))
    assert str(error) == f"{site.url('/m')} could not be reached (connection refused)"
    assert (error.failure.answered, error.failure.is_local, error.attempts) == (False, False, 3)


async def test_a_server_that_comes_back_between_attempts_is_reached(site, open_fetcher):
    class Reviving(type(open_fetcher(pauses=())._shared.clock)):
        async def sleep(self, wait_for):
            await site.listen()

    site.answer("/m", "document")
    await site.drop()
    document = await open_fetcher(clock=Reviving()).fetch(Request(url=site.url("/m")))
    assert (document.body, document.attempts) == (b"document", 2)


def connection_error(number: int) -> aiohttp.ClientConnectorError:
    key = ConnectionKey(
        "example.test", 80, is_ssl=False, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None
    )
    return aiohttp.ClientConnectorError(key, OSError(number, os.strerror(number)))


@pytest.mark.parametrize(
    ("number", "is_local"),
    [
        (errno.ENETUNREACH, True),
        (errno.EHOSTUNREACH, True),
        (errno.ENETDOWN, True),
        (errno.EADDRNOTAVAIL, True),
        (errno.EMFILE, True),
        (errno.EACCES, True),
        (errno.ECONNREFUSED, False),
        (errno.ECONNRESET, False),
        (errno.ETIMEDOUT, False),
    ],
)
def test_no_route_is_more_likely_our_fault_and_a_refusal_is_not(number, is_local):
    found = of_error(connection_error(number), WHERE, passage=Passage(Reach.PUBLIC), answered=False)
    assert found.failure.sentence == f"{WHERE} could not be reached ({os.strerror(number).lower()})"
    assert found.failure.reason == "unreachable"
    assert (found.failure.answered, found.failure.is_local) == (False, is_local)


def caused(error: Exception, by: Exception) -> Exception:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "answered", "reason", "says"),
    [
        pytest.param(
            OSError("many"), False, "unreachable", "could not be reached (the connection failed)", id="many"
        ),
        pytest.param(
            aiohttp.ClientOSError(errno.EPIPE, "x"),
            True,
            "unreachable",
            "cut the connection (broken pipe)",
            id="pipe",
        ),
        pytest.param(
            aiohttp.ClientConnectionError(),
            False,
            "unreachable",
            "closed the connection half-way",
            id="half-way",
        ),
        pytest.param(
            caused(aiohttp.ClientPayloadError(), ConnectionResetError()),
            True,
            "unreachable",
            "cut its answer short",
            id="reset in the body",
        ),
        pytest.param(
            caused(aiohttp.ClientPayloadError(), http_exceptions.TransferEncodingError("x")),
            True,
            "malformed",
            "answered with a chunked body that breaks the rules of HTTP",
            id="chunks",
        ),
        pytest.param(
            aiohttp.ClientPayloadError(),
            True,
            "malformed",
            "answered with a body that cannot be read",
            id="body",
        ),
        pytest.param(ValueError("x"), False, "refused", "is not an address that can be asked", id="address"),
        pytest.param(
            ValueError("x"), True, "malformed", "answered with something that is not HTTP", id="value"
        ),
        pytest.param(
            http_exceptions.BadStatusLine("x"),
            False,
            "malformed",
            "answered with a status line",
            id="bare parser error",
        ),
    ],
)
def test_what_an_exception_means(error, answered, reason, says):
    found = of_error(error, WHERE, passage=Passage(Reach.PUBLIC), answered=answered)
    assert found.failure.reason == reason
    assert found.failure.sentence.startswith(f"{WHERE} {says}")


def test_a_deadline_that_struck_while_connecting_is_theirs():
    passage = Passage(Reach.PUBLIC)
    passage.dialled = 1
    found = of_deadline(WHERE, passage=passage, answered=False, seconds=30.0)
    assert found.failure.sentence == f"{WHERE} did not accept a connection within 30 s"
    assert (found.failure.answered, found.failure.is_local) == (False, False)


def test_a_deadline_that_struck_within_an_answer_is_theirs():
    found = of_deadline(WHERE, passage=Passage(Reach.PUBLIC), answered=True, seconds=30.0)
    assert found.failure.sentence == f"{WHERE} gave no whole answer within 30 s"


def test_a_status_is_named_in_our_words():
    assert (phrase(404), phrase(599)) == ("404 Not Found", "599")


async def test_a_reason_phrase_of_the_server_s_is_not_shown(site, fetcher):
    from aiohttp import web

    async def answers(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=404, reason="<script>")

    site.script("/m", answers)
    error = await failure_of(fetcher, site.url("/m"))
    assert str(error) == f"{site.url('/m')} answered 404 Not Found"
    assert error.failure.answered

"""TLS: every way in which a certificate is wrong has a sentence of its own, and none is an answer."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from monitor.fetcher import NoAnswer
from monitor.model import Request

TODAY = datetime.now(UTC)
DAY = timedelta(days=1)


async def failure_of(fetcher, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(Request(url=url))
    error = caught.value
    assert error.failure.reason == "unreachable"
    assert not error.failure.answered
    assert not error.failure.is_local
    return error


async def test_a_trusted_certificate_is_accepted(tls_site, open_fetcher, trusting):
    tls_site.answer("/m", "document")
    document = await open_fetcher(tls=trusting).fetch(Request(url=tls_site.url("/m")))
    assert document.body == b"document"


@pytest.mark.parametrize(
    ("names", "how", "says"),
    [
        pytest.param(
            ["localhost"], {"not_before": TODAY - 9 * DAY, "not_after": TODAY - DAY}, "has expired", id="old"
        ),
        pytest.param(
            ["localhost"],
            {"not_before": TODAY + DAY, "not_after": TODAY + 9 * DAY},
            "is not valid yet",
            id="young",
        ),
        pytest.param(["other.test"], {}, "is for another host", id="wrong host"),
    ],
)
async def test_a_wrong_certificate_is_said(open_site, open_fetcher, certified, trusting, names, how, says):
    site = await open_site(host="localhost", tls=certified(*names, **how))
    error = await failure_of(open_fetcher(tls=trusting), site.url("/m"))
    assert str(error).startswith(f"{site.url('/m')}: its TLS certificate {says}")
    assert error.attempts == 1
    assert not site.requests


async def test_an_address_that_the_certificate_does_not_name_is_said(
    open_site, open_fetcher, certified, trusting
):
    site = await open_site(tls=certified("localhost"))
    error = await failure_of(open_fetcher(tls=trusting), site.url("/m"))
    assert "is for another address" in str(error)


async def test_an_unknown_authority_is_said(tls_site, open_fetcher):
    error = await failure_of(open_fetcher(), tls_site.url("/m"))
    assert "comes from a certificate authority that is not trusted here" in str(error)


@pytest.mark.fault(
    "a TLS certificate signed by itself",
    how="a TLS server that shows one",
    promise="a failure that says so, and no request is made",
)
async def test_a_certificate_signed_by_itself_is_said(open_site, open_fetcher, trusting):
    itself = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
        itself.load_cert_chain(certificate, key)
    site = await open_site(host="localhost", tls=itself)
    error = await failure_of(open_fetcher(tls=trusting), site.url("/m"))
    assert "is self-signed and not trusted here" in str(error)


@pytest.mark.fault(
    "a port that does not speak TLS",
    how="an https URL of an HTTP server",
    promise="a failure that says so, after three attempts",
)
async def test_a_port_that_does_not_speak_tls_is_said_and_tried_again(site, open_fetcher, trusting):
    error = await failure_of(open_fetcher(tls=trusting), site.url("/m").replace("http:", "https:"))
    assert str(error).endswith("TLS could not be agreed on (does this port speak TLS?)")
    assert error.attempts == 3


@pytest.mark.fault(
    "a TLS handshake that is broken off",
    how="a server that speaks only an older version",
    promise="a failure that says so",
)
async def test_a_handshake_that_is_broken_off_is_said(open_site, open_fetcher, certified, trusting):
    old = certified("localhost")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting.minimum_version = ssl.TLSVersion.TLSv1_3
    site = await open_site(host="localhost", tls=old)
    error = await failure_of(open_fetcher(tls=trusting), site.url("/m"))
    assert str(error) == f"{site.url('/m')} could not be reached (connection reset by peer)"


@pytest.mark.fault(
    "a TLS handshake that never ends",
    how="a server that accepts and says nothing",
    promise="given up at the deadline and tried again",
)
async def test_a_handshake_that_never_ends_is_given_up_and_tried_again(open_fetcher, trusting):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    fetcher = open_fetcher(tls=trusting, deadline_for=timedelta(seconds=2))
    error = await failure_of(fetcher, f"https://127.0.0.1:{port}/")
    server.close()
    assert "did not accept a connection" in str(error)
    assert error.attempts >= 2


async def test_rarely_asked_hosts_shake_hands_again_and_often_asked_ones_do_not(
    tls_site, open_fetcher, trusting, clock
):
    tls_site.answer("/m", "document")
    fetcher = open_fetcher(tls=trusting)
    for _ in range(5):
        await fetcher.fetch(Request(url=tls_site.url("/m")))
    peers = [asked.peer for asked in tls_site.asked("/m")]
    assert len(set(peers)) == 3
    clock.advance(timedelta(minutes=5))
    await fetcher.fetch(Request(url=tls_site.url("/m")))
    clock.advance(timedelta(minutes=5))
    await fetcher.fetch(Request(url=tls_site.url("/m")))
    assert tls_site.asked("/m")[-1].peer != peers[-1]

"""The proxies of the operator's environment."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from datetime import timedelta

import pytest
from yarl import URL

from monitor.errors import ParseError
from monitor.fetcher import NoAnswer, Proxies
from monitor.model import Credential, Request
from tests.servers.names import Names

BASIC = "Basic dXNlcjpjYW5hcnk="  # user:canary


class Tunnel:
    """A proxy that answers CONNECT with `status`, and leads every name to one port of this machine."""

    def __init__(self, to_port: int, status: str = "200 OK") -> None:
        self._to_port = to_port
        self._status = status
        self.heads: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 {self._status}\r\n\r\n".encode())
        if self._status == "200 OK":
            onward, back = await asyncio.open_connection("127.0.0.1", self._to_port)
            await asyncio.gather(_pumped(reader, back), _pumped(onward, writer))
        writer.close()


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
        writer.close()


@contextlib.asynccontextmanager
async def opened(tunnel: Tunnel):
    server = await asyncio.start_server(tunnel.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def failure_of(fetcher, request: Request):
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(request)
    return caught.value


async def test_http_goes_through_the_proxy_with_its_password(open_site, open_fetcher):
    proxy = await open_site()
    proxy.answer("/m", "document")
    proxies = Proxies({"http": proxy.url(userinfo="user:canary@")})
    document = await open_fetcher(proxies=proxies).fetch(Request(url="http://public.test/m"))
    assert document.body == b"document"
    asked = proxy.asked("/m")[0].headers
    assert (asked["Host"], asked["Proxy-Authorization"]) == ("public.test", BASIC)
    assert "Authorization" not in asked


async def test_the_proxy_s_password_does_not_go_where_there_is_no_proxy(open_site, site, open_fetcher):
    site.answer("/m", status=302, headers={"Location": "http://public.test/m"})
    proxy = await open_site()
    proxy.answer("/m", "document")
    proxies = Proxies({"http": proxy.url(userinfo="user:canary@")})
    await open_fetcher(proxies=proxies).fetch(Request(url=site.url("/m")))
    assert "Proxy-Authorization" not in site.asked("/m")[0].headers
    assert proxy.asked("/m")[0].headers["Proxy-Authorization"] == BASIC


async def test_https_goes_through_a_tunnel_that_alone_sees_the_proxy_s_password(
    open_site, open_fetcher, certified, trusting
):
    site = await open_site(host="localhost", tls=certified("public.test"))
    site.answer("/m", "document")
    tunnel = Tunnel(site.port)
    async with opened(tunnel) as port:
        proxies = Proxies({"https": f"http://user:canary@127.0.0.1:{port}"})
        credentials = {"gh": Credential(name="gh", value="token")}
        fetcher = open_fetcher(proxies=proxies, tls=trusting, credentials=credentials)
        document = await fetcher.fetch(Request(url="https://public.test/m", credential="gh"))
    assert document.body == b"document"
    assert b"CONNECT public.test:443" in tunnel.heads[0]
    assert f"Proxy-Authorization: {BASIC}".encode() in tunnel.heads[0]
    assert b"Bearer" not in tunnel.heads[0]
    assert "Proxy-Authorization" not in site.asked("/m")[0].headers
    assert site.asked("/m")[0].headers["Authorization"] == "Bearer token"


async def test_a_proxy_that_refuses_is_not_the_server_that_refuses(open_fetcher):
    tunnel = Tunnel(1, "407 Proxy Authentication Required")
    async with opened(tunnel) as port:
        fetcher = open_fetcher(proxies=Proxies({"https": f"http://127.0.0.1:{port}"}))
        error = await failure_of(fetcher, Request(url="https://public.test/m"))
    assert str(error) == (
        "https://public.test/m: its proxy refused to connect (407 Proxy Authentication Required)"
    )
    assert (error.failure.reason, error.failure.answered) == ("refused", False)


async def test_a_proxy_that_cannot_reach_the_server_is_asked_again(open_fetcher):
    tunnel = Tunnel(1, "502 Bad Gateway")
    async with opened(tunnel) as port:
        fetcher = open_fetcher(proxies=Proxies({"https": f"http://127.0.0.1:{port}"}))
        error = await failure_of(fetcher, Request(url="https://public.test/m"))
    assert str(error) == "https://public.test/m: its proxy could not connect to it (502 Bad Gateway)"
    assert (error.failure.reason, error.failure.answered, error.attempts) == ("unreachable", False, 3)


async def test_a_proxy_that_is_down_is_our_own_trouble(open_site, open_fetcher):
    proxy = await open_site()
    await proxy.close()
    fetcher = open_fetcher(proxies=Proxies({"http": f"127.0.0.1:{proxy.port}"}))
    error = await failure_of(fetcher, Request(url="http://public.test/m"))
    where = f"the proxy 127.0.0.1:{proxy.port} for http://public.test/m"
    assert str(error) == f"{where} could not be reached (connection refused)"
    assert (error.failure.answered, error.failure.is_local) == (False, True)


PROXIES = Proxies({"https": "http://user:canary@proxy.test:3128"})


async def test_a_proxy_whose_name_is_not_known_is_not_mistaken_for_the_server(open_fetcher):
    unknown = Names({"proxy.test": socket.gaierror(socket.EAI_NONAME, "no")})
    fetcher = open_fetcher(proxies=PROXIES, resolver=unknown)
    error = await failure_of(fetcher, Request(url="https://public.test/m"))
    assert str(error) == (
        "the proxy proxy.test:3128 for https://public.test/m: its name could not be resolved (no such name)"
    )
    assert error.failure.is_local


async def test_a_proxy_whose_name_is_not_resolved_in_time_is_said(open_fetcher):
    fetcher = open_fetcher(
        proxies=PROXIES, resolver=Names({"proxy.test": None}), deadline_for=timedelta(seconds=0.1)
    )
    error = await failure_of(fetcher, Request(url="https://public.test/m"))
    assert str(error) == (
        "the proxy proxy.test:3128 for https://public.test/m: its name was not resolved within 0.1 s"
        " (no answer from DNS)"
    )


@pytest.mark.parametrize("ends", ["closes", "aborts", ""])
async def test_a_proxy_that_says_nothing_or_hangs_up_is_named(open_fetcher, ends):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (reader.readuntil(b"\r\n\r\n") if ends else reader.read())
        if ends == "aborts":
            writer.transport.abort()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    fetcher = open_fetcher(
        proxies=Proxies({"https": f"http://127.0.0.1:{port}"}),
        deadline_for=timedelta(seconds=30 if ends else 0.3),
    )
    error = await failure_of(fetcher, Request(url="https://public.test/m"))
    server.close()
    assert str(error).startswith(
        f"https://public.test/m could not be reached through the proxy 127.0.0.1:{port} "
    )
    assert error.failure.reason == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://a.inner.test/",
        "https://other.test/",
    ],
)
def test_this_machine_what_no_proxy_names_and_other_schemes_are_asked_directly(url):
    proxies = Proxies({"http": "http://proxy.test:3128", "no": "inner.test,10.0.0.1"})
    assert proxies.proxy_for(URL(url)) is None


def test_the_rest_goes_through_the_proxy():
    proxies = Proxies({"http": "proxy.test:3128", "no": "inner.test"})
    proxy = proxies.proxy_for(URL("http://public.test/"))
    assert proxy is not None
    assert proxy.url == URL("http://proxy.test:3128")


@pytest.mark.parametrize("address", ["socks5://proxy.test", "http://", "http://[::1", "user:canary@"])
def test_a_proxy_that_is_no_http_proxy_is_said_without_its_password(address):
    with pytest.raises(ParseError, match="not an http:// or https:// address") as caught:
        Proxies({"http": address})
    assert "canary" not in str(caught.value)


def test_the_environment_names_the_proxies():
    assert isinstance(Proxies.from_environment(), Proxies)

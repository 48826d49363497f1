"""The one aiohttp session, and which connections are worth keeping."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp.abc import AbstractResolver

from monitor.fetcher.guard import GuardedConnector, open_socket
from monitor.fetcher.names import Names

MOST_PER_HOST = 10
_KEEP_FOR = 15.0
_MOST_HOSTS = 10_000


def open_session(
    *, tls: ssl.SSLContext | None = None, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """Open the session that every fetch shares; call it inside the running loop, and close it.

    `tls` is for a private certificate authority; by default the system's (or `SSL_CERT_FILE`) is trusted.
    `resolver` asks the system by default, whatever other DNS library is installed.
    How many fetches there are at once is the fetcher's business, because waiting for a turn must not eat a
    deadline; the limit here is for those that a redirect leads to a host.
    """
    connector = GuardedConnector(
        socket_factory=open_socket,
        resolver=resolver or Names(),
        limit=0,
        limit_per_host=MOST_PER_HOST,
        keepalive_timeout=_KEEP_FOR,
        ssl=tls if tls is not None else True,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        raise_for_status=False,
    )
    # aiohttp repeats a broken GET on its own; our two retries are all that a server gets.
    session._retry_connection = False  # noqa: SLF001 attempts are counted here alone
    return session


class Traffic:
    """Which hosts are asked so often that a kept connection will be used again.

    An idle TLS connection holds a third of a megabyte for 15 s: a thousand hosts that are asked once in five
    minutes must not keep one each, while a host with many targets saves a handshake a look.
    """

    def __init__(self) -> None:
        self._asked: dict[str, tuple[float, float]] = {}

    def is_busy(self, host: str, at: float) -> bool:
        """Note a request to this host at this (monotonic) time; whether it is the third within 15 s."""
        if len(self._asked) > _MOST_HOSTS:
            self._asked.clear()
        before, last = self._asked.get(host, (float("-inf"), float("-inf")))
        self._asked[host] = (last, at)
        return at - before < _KEEP_FOR

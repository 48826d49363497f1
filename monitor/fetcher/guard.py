"""Which addresses a request may reach, judged on the address: after DNS, on redirects, from the pool too.

What the operator configured is fetched, private or not, because tagdrift also watches what runs on the same
network. A redirect, or an address that a server handed out, reaches no further than the configured URL did: a
public site cannot send us to `http://10.0.0.1/`, nor an intranet server to our own loopback. Link-local
addresses (a cloud's metadata service) are reached only where the configured URL is that very address.

Behind a proxy it is the proxy that resolves names, and no guard of ours sees the result: then only literal
addresses and `localhost` are judged, and the proxy's own rules stand for the rest.
"""

from __future__ import annotations

import errno
import socket
from contextvars import ContextVar
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

from aiohttp import ClientTimeout, TCPConnector

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_MOST_IDLE = 40
# IPv4 in the last 32 bits: mapped, "compatible", NAT64 (RFC 4291, 2.5.5; RFC 6052, 2.1).
_HOLDS_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))


class Reach(IntEnum):
    """How near an address is to us; a request that may reach one may reach those before it."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2
    LINK_LOCAL = 3
    NOWHERE = 4


@lru_cache(maxsize=4096)
def reach_of(address: str) -> Reach:
    """Return how near this numeric address is; IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged as IPv4."""
    ip = _unwrapped(ip_address(address))
    if ip.is_unspecified or ip.is_multicast:
        return Reach.NOWHERE
    if ip.is_link_local:
        return Reach.LINK_LOCAL
    if ip.is_loopback:
        return Reach.LOOPBACK
    return Reach.PUBLIC if ip.is_global else Reach.PRIVATE


def reach_of_host(host: str) -> Reach:
    """Return how near a URL's host is as far as its text tells; a name is public until it is resolved.

    `0x7f.1`, `127.1` and `2130706433` are addresses too: the resolver takes them for 127.0.0.1.
    """
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.LOOPBACK
    try:
        return reach_of(host)
    except ValueError:
        pass
    try:
        return reach_of(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return Reach.PUBLIC


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip.sixtofour is not None:
        return ip.sixtofour
    if any(ip in network for network in _HOLDS_IPV4) and int(ip) > 1:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


class Passage:
    """How far one fetch may reach, and what became of its connection; the connector reads and fills it.

    `limit` is the furthest allowed, `reached` where the last connection went, `blocked` an address that was
    too near. `dialled` counts addresses tried: zero without a connection means that no address came of the
    name. `is_kept` says whether the connection is worth keeping, `was_kept` that a kept one was used. `proxy`
    is the host and port of the proxy that is gone through.
    """

    __slots__ = ("blocked", "dialled", "is_connected", "is_kept", "is_proxied", "limit", "proxy", "reached")

    def __init__(self, limit: Reach) -> None:
        self.limit = limit
        self.reached = Reach.PUBLIC
        self.is_kept = False
        self.is_proxied = False
        self.depart()

    def depart(self, proxy: str | None = None) -> None:
        """Begin a request."""
        self.proxy = proxy
        self.blocked: str | None = None
        self.dialled = 0
        self.is_connected = False

    @property
    def was_kept(self) -> bool:
        """Whether this request went over a connection that was there before it."""
        return self.is_connected and self.dialled == 0

    def admit(self, address: str) -> Reach:
        """Return the reach of an address that is about to be used.

        Raises:
            PermissionError: it is nearer than this fetch may reach.
        """
        if self.is_proxied:
            return self.reached
        reach = reach_of(address)
        if reach > self.limit:
            self.blocked = address
            raise PermissionError("this address is nearer than the request may reach")
        return reach


passage: ContextVar[Passage | None] = ContextVar("passage", default=None)
"""The passage of the fetch that this task is making; a request without one reaches public addresses only."""


def open_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """Open the socket for one resolved address, if the passage admits it (aiohttp's `socket_factory`)."""
    family, kind, protocol, _, address = address_info
    current = passage.get() or Passage(Reach.PUBLIC)
    current.admit(address[0])
    current.dialled += 1
    return socket.socket(family, kind, protocol)


class GuardedConnector(TCPConnector):
    """A connector that judges kept connections like new ones, and keeps only what will be used again."""

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109  (aiohttp's signature)
    ) -> Connection:
        """Return a connection, kept or new, that this task's passage admits; raises `PermissionError`."""
        current = passage.get() or Passage(Reach.PUBLIC)
        current.is_proxied = req.proxy is not None
        connection = await super().connect(req, traces, timeout)
        transport, protocol = connection.transport, connection.protocol
        try:
            peer = None if transport is None else transport.get_extra_info("peername")
            if protocol is None or peer is None:
                raise ConnectionResetError(errno.ECONNRESET, "the connection was gone at once")
            current.reached = current.admit(peer[0])
        except OSError:
            connection.close()
            raise
        current.is_connected = True
        if not current.is_kept or sum(map(len, self._conns.values())) >= _MOST_IDLE:
            protocol.force_close()
        return connection

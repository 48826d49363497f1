"""Names, resolved by the system in threads that nobody waits for.

asyncio's own pool has six threads on a small machine, and a name of which DNS says nothing holds one for as
long as the system's resolver tries, which may be minutes. Six such names would keep all others from being
resolved, and the daemon from ending: a pool is waited for, a daemon thread is not.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_MOST_AT_ONCE = 100
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV

Info = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
Lookup = Callable[[str, int, socket.AddressFamily], Sequence[Info]]


def ask_the_system(host: str, port: int, family: socket.AddressFamily) -> Sequence[Info]:
    """Return this name's addresses of the kinds that this machine has; it waits for DNS.

    Raises:
        OSError: it has none, or DNS has failed.
        ValueError: no name is written so.
    """
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)


class Names(AbstractResolver):
    """Resolves by `lookup`; a hundred names at once, the others wait for their turn."""

    def __init__(self, lookup: Lookup = ask_the_system) -> None:
        self._lookup = lookup
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses in the order in which they are to be tried; raises what `lookup` does."""
        loop = asyncio.get_running_loop()
        async with self._turns:
            found: asyncio.Future[Sequence[Info]] = loop.create_future()
            asked = (host, port, family)
            threading.Thread(target=self._ask, args=(asked, found), name="names", daemon=True).start()
            infos = await found
        return [_result(host, info) for info in infos]

    async def close(self) -> None:
        """Nothing is held."""

    def _ask(
        self, asked: tuple[str, int, socket.AddressFamily], found: asyncio.Future[Sequence[Info]]
    ) -> None:
        try:
            infos, problem = self._lookup(*asked), None
        except (OSError, ValueError) as error:
            infos, problem = (), error
        # By now the loop may be closed, and nobody waits.
        with suppress(RuntimeError):
            found.get_loop().call_soon_threadsafe(_settle, found, infos, problem)


def _settle(found: asyncio.Future[Sequence[Info]], infos: Sequence[Info], problem: Exception | None) -> None:
    if found.done():
        return
    if problem is None:
        found.set_result(infos)
    else:
        found.set_exception(problem)


def _result(host: str, info: Info) -> ResolveResult:
    family, _, protocol, _, address = info
    is_scoped = family == socket.AF_INET6 and address[3]
    return ResolveResult(
        hostname=host,
        # A link-local address is none without the interface that it is on.
        host=f"{address[0]}%{address[3]}" if is_scoped and "%" not in address[0] else address[0],
        port=address[1],
        family=family,
        proto=protocol,
        flags=_NUMERIC,
    )

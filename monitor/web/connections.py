"""Connections that cost more than they should are cut: a slow client holds itself, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

MOST = 600
HEAD_SECONDS = 10.0
IDLE_SECONDS = 75.0
STALLED_SECONDS = 30.0
SWEEP_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class Connection:
    """One connection. `waits_from` is since when we wait for a whole request, None while one is answered."""

    transport: asyncio.Transport
    waits_from: float | None
    has_begun: bool = False
    unsent: int = 0
    unsent_from: float = 0.0


class Connections:
    """All connections of one server."""

    def __init__(self, *, most: int = MOST, head_seconds: float = HEAD_SECONDS) -> None:
        self._most = most
        self._head_seconds = head_seconds
        self._open: dict[asyncio.BaseProtocol, Connection] = {}
        self.cut = 0

    def __len__(self) -> int:
        return len(self._open)

    def guarded(self, make: Callable[[], asyncio.Protocol]) -> Callable[[], Guarded]:
        """Return what makes a protocol for each connection that is watched over."""
        return lambda: Guarded(make(), self)

    def opened(self, protocol: asyncio.BaseProtocol, transport: asyncio.Transport) -> None:
        """Note a new connection; one too many is cut at once."""
        if len(self._open) >= self._most:
            self._cut(transport)
            return
        self._open[protocol] = Connection(transport=transport, waits_from=_now())

    def closed(self, protocol: asyncio.BaseProtocol) -> None:
        """Forget a connection."""
        self._open.pop(protocol, None)

    def heard(self, protocol: asyncio.BaseProtocol) -> None:
        """Note that bytes have come: from the first of them on, a whole request must follow in time."""
        connection = self._open.get(protocol)
        if connection is not None and connection.waits_from is not None and not connection.has_begun:
            connection.has_begun = True
            connection.waits_from = _now()

    def begun(self, protocol: asyncio.BaseProtocol | None) -> None:
        """Note that a whole request head has come, and is being answered."""
        connection = self._open.get(protocol) if protocol is not None else None
        if connection is not None:
            connection.waits_from, connection.has_begun = None, False

    def ended(self, protocol: asyncio.BaseProtocol | None) -> None:
        """Note that the request was answered."""
        connection = self._open.get(protocol) if protocol is not None else None
        if connection is not None:
            connection.waits_from = _now()

    async def watch(self) -> None:
        """Cut what is too slow, for ever."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep(_now())

    def sweep(self, now: float) -> None:
        """Cut what is too slow at this instant of the loop's clock."""
        for connection in tuple(self._open.values()):
            if self._is_late(connection, now) or _is_stalled(connection, now):
                self._cut(connection.transport)

    def _is_late(self, connection: Connection, now: float) -> bool:
        if connection.waits_from is None:
            return False
        allowed = self._head_seconds if connection.has_begun else IDLE_SECONDS
        return now - connection.waits_from > allowed

    def _cut(self, transport: asyncio.Transport) -> None:
        self.cut += 1
        transport.abort()


class Guarded(asyncio.Protocol):
    """A protocol whose connection is watched over."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Pass it on, watched."""
        self._inner.connection_made(transport)
        self._connections.opened(self._inner, cast("asyncio.Transport", transport))

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on, and forget it."""
        self._connections.closed(self._inner)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass it on, and note that bytes came."""
        self._connections.heard(self._inner)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._inner.resume_writing()


def _is_stalled(connection: Connection, now: float) -> bool:
    """Return whether what we have to say has been waiting for too long without any of it being taken."""
    unsent = connection.transport.get_write_buffer_size()
    if unsent == 0 or unsent < connection.unsent or connection.unsent == 0:
        connection.unsent, connection.unsent_from = unsent, now
        return False
    return now - connection.unsent_from > STALLED_SECONDS


def _now() -> float:
    return asyncio.get_running_loop().time()

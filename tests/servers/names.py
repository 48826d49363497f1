"""Name resolution by a table, for names that stand for loopback or for nothing at all."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from aiohttp.abc import AbstractResolver, ResolveResult


class Names(AbstractResolver):
    """A resolver: a name stands for an address, an error to raise, or (None) an answer that never comes."""

    def __init__(self, names: Mapping[str, str | OSError | None]) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._names[host]
        if address is None:
            await asyncio.sleep(3600)
        if not isinstance(address, str):
            raise address or OSError
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=socket.IPPROTO_TCP, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""

"""An HTTP server that answers wrongly, each wrong answer on a port (so: a host) of its own.

    async with opened() as urls:
        ... fetch urls["gzip-bomb"] ...

`ANSWERS` has every wrong answer by name, with what a fetch of it deserves: the reason of a failure, or
`document` where the bytes are handed on and it is for a source kind to judge them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.servers.hostile import bodies, documents, heads, redirects, slow, statuses
from tests.servers.hostile.asking import ANSWERS, Wrong, listen

__all__ = ["ANSWERS", "Wrong", "opened"]

_MODULES = (bodies, documents, heads, redirects, slow, statuses)


@asynccontextmanager
async def opened() -> AsyncIterator[dict[str, str]]:
    """Serve every wrong answer; yields the address of each by name."""
    async with AsyncExitStack() as stack:
        urls = {}
        for wrong in ANSWERS.values():
            server = await listen(wrong)
            stack.push_async_callback(server.close)
            urls[wrong.name] = f"http://127.0.0.1:{server.port}/"
        yield urls

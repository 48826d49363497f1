"""Server-sent events: a page that is open hears that something has changed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from aiohttp import web

from monitor.web.face import face_of
from monitor.web.guards import HEADERS
from monitor.web.problems import Problem

LONGEST_SECONDS = 3600.0


async def events(request: web.Request) -> web.StreamResponse:
    """Stream one event a change, until the client has had enough; it comes back by itself."""
    live = face_of(request).live
    if live.is_full:
        raise Problem(503, "too many pages are open; this one is not live", {"Retry-After": "60"})
    response = web.StreamResponse(
        headers={
            **HEADERS,
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(request)
    try:
        async with asyncio.timeout(LONGEST_SECONDS), aclosing(live.listen()) as listening:
            await response.write(b"retry: 3000\n\n")
            async for digest in listening:
                told = f"event: picture\ndata: {digest}\n\n" if digest else ": still there\n\n"
                await response.write(told.encode())
    except (TimeoutError, ConnectionError):
        pass
    return response


ROUTES = [web.get("/events", events)]

"""What was sent to whom, and what waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from monitor.web.face import face_of
from monitor.web.pages import page

MOST = 100


async def deliveries(request: web.Request) -> web.Response:
    """Return the page, newest first."""
    face = face_of(request)
    picture = await face.pictures.now()
    receiver = request.query.get("receiver", "")[:200] or None
    before = request.query.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None

    async def make() -> Mapping[str, Any]:
        rows = await asyncio.to_thread(
            face.hands.reader.deliveries, receiver=receiver, before_id=before_id, most=MOST + 1
        )
        query = {"receiver": receiver or "", "before": str(rows[MOST - 1].id) if len(rows) > MOST else ""}
        after = f"/deliveries?{urlencode(query)}" if query["before"] else None
        return {**picture.shared, "rows": rows[:MOST], "receiver": receiver, "after": after}

    return await page(
        request, "deliveries.html", make, key=(picture.number, "deliveries", receiver, before_id)
    )


ROUTES = [web.get("/deliveries", deliveries)]

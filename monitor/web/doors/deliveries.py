"""What was sent to whom, and what waits."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from aiohttp import web

from monitor.web.face import face_of
from monitor.web.live import digest_of
from monitor.web.pages import page

MOST = 100


async def deliveries(request: web.Request) -> web.Response:
    """Return the page, newest first."""
    face = face_of(request)
    picture = await face.pictures.now()
    receiver = request.query.get("receiver", "")[:200] or None
    before = request.query.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    rows = await asyncio.to_thread(
        face.hands.reader.deliveries, receiver=receiver, before_id=before_id, most=MOST + 1
    )
    query = {"receiver": receiver or "", "before": str(rows[MOST - 1].id) if len(rows) > MOST else ""}
    context = {
        "status": picture.status,
        "now": picture.status.generated_at,
        "digest": digest_of(picture.status),
        "rows": rows[:MOST],
        "receiver": receiver,
        "after": f"/deliveries?{urlencode(query)}" if query["before"] else None,
    }
    return await page(
        request, "deliveries.html", context, key=(picture.number, "deliveries", receiver, before_id)
    )


ROUTES = [web.get("/deliveries", deliveries)]

"""What is not told, until when, by whom and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from monitor.model import CheckName
from monitor.web.face import face_of
from monitor.web.pages import page

MOST_PAST = 100


async def silences(request: web.Request) -> web.Response:
    """Return the page."""
    face = face_of(request)
    picture = await face.pictures.now()

    async def make() -> Mapping[str, Any]:
        standing = {one.id for one in picture.status.silences}
        every = await asyncio.to_thread(face.hands.reader.silences)
        past = [one for one in every if one.id not in standing][::-1][:MOST_PAST]
        names = sorted(face.hands.targets)
        return {**picture.shared, "past": past, "names": names, "checks": tuple(CheckName)}

    return await page(request, "silences.html", make, key=(picture.number, "silences"))


ROUTES = [web.get("/silences", silences)]

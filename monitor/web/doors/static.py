"""Style and script: named after their content, so that a browser asks once."""

from __future__ import annotations

from aiohttp import web

from monitor.web.problems import Problem
from monitor.web.statics import assets


async def static(request: web.Request) -> web.Response:
    """Return one file."""
    asset = assets().get(request.match_info["name"])
    if asset is None:
        raise Problem(404, "there is nothing here")
    return web.Response(
        body=asset.body,
        headers={"Content-Type": asset.content_type, "Cache-Control": "public, max-age=31536000, immutable"},
    )


ROUTES = [web.get("/static/{name}", static)]

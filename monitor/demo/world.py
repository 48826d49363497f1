"""The world that the demo watches: a metadata file, a release list and a chat, on one loopback server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import TracebackType

from aiohttp import web

OWNER, NAME = "astral-sh", "python-build-standalone"
METADATA = "latest-release.json"
PAGE = f"https://github.com/{OWNER}/{NAME}/releases/tag"


@dataclass(slots=True)
class World:
    """What is out, what the metadata names, and what the chat has been told.

    The metadata file has an ETag and answers 304 like the real one; the releases are GitHub's GraphQL answer.
    `on_message` is called with title and body of each message the chat gets.
    """

    named: str
    releases: list[tuple[str, datetime]]
    on_message: Callable[[str, str], None]
    messages: list[tuple[str, str]] = field(default_factory=list)
    requests: int = 0
    unchanged: int = 0
    _runner: web.AppRunner | None = None
    address: str = ""

    async def __aenter__(self) -> World:
        app = web.Application()
        app.router.add_get(f"/{METADATA}", self._metadata)
        app.router.add_post("/graphql", self._graphql)
        app.router.add_post("/chat", self._chat)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metadata(self, request: web.Request) -> web.Response:
        self.requests += 1
        body = json.dumps({
            "version": 1,
            "tag": self.named,
            "release_url": f"{PAGE}/{self.named}",
            "asset_url_prefix": f"https://github.com/{OWNER}/{NAME}/releases/download/{self.named}",
        })  # fmt: skip
        etag = f'"{sha256(body.encode()).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Age": "12", "Cache-Control": "max-age=300"}
        if request.headers.get("If-None-Match") == etag:
            self.unchanged += 1
            return web.Response(status=304, headers=headers)
        return web.Response(text=body, content_type="application/json", headers=headers)

    async def _graphql(self, _: web.Request) -> web.Response:
        self.requests += 1
        nodes = [
            {
                "tagName": tag,
                "publishedAt": f"{published_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "isPrerelease": False,
                "isDraft": False,
            }
            for tag, published_at in sorted(self.releases, key=lambda release: release[1], reverse=True)
        ]
        page = {"hasNextPage": False, "endCursor": None}
        releases = {"nodes": nodes, "pageInfo": page}
        return web.json_response({"data": {"repository": {"releases": releases}}})

    async def _chat(self, request: web.Request) -> web.Response:
        message = await request.json()
        title, body = message.get("title", ""), message.get("message", "")
        self.messages.append((title, body))
        self.on_message(title, body)
        return web.Response(text="ok")

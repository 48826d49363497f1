"""The pages of a whole daemon, asked over a real socket.

async def test_something(facing):
    facing.housing.says("project", named="1.0", releases={"1.0": "2024-10-01T00:00:00Z"})
    await facing.open()
    answer = await facing.get("/targets/project")
    assert "1.0" in answer.text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from monitor.service.serving import Hands
from monitor.web.connections import Connections
from monitor.web.server import Server
from tests.housing import Housing

TOKEN = "a-token-of-some-length"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, Any]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        import json

        return json.loads(self.body)


@dataclass(slots=True)
class Facing:
    """A server over `housing`; `settings` are changes to its DaemonConfig."""

    housing: Housing
    settings: dict[str, Any] = field(default_factory=lambda: {"token": TOKEN})
    connections: Connections | None = None
    server: Server | None = None
    hands: Hands | None = None
    _session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Start the daemon and serve its pages on a free port."""
        await self.housing.open()
        self.configure()
        self.hands = Hands(self.housing.rooms, self.housing.clock)
        self.server = Server(self.hands, self.connections)
        await self.server.start()
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=True)

    def configure(self, **settings: Any) -> None:
        """Change what `[daemon]` says, as a reload does."""
        house = self.housing.rooms.house
        self.settings |= settings
        daemon = replace(house.config.daemon, **{"listen": "127.0.0.1:0", **self.settings})
        house.config = replace(house.config, daemon=daemon)

    async def close(self) -> None:
        """Stop serving; the daemon is `housing`'s to stop."""
        if self._session is not None:
            await self._session.close()
        if self.server is not None:
            await self.server.stop()

    @property
    def port(self) -> int:
        assert self.server is not None
        return self.server.port

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        """Send one request; redirects are not followed."""
        assert self._session is not None
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self._session.request(method, url, allow_redirects=False, **how) as answer:
            return Answer(answer.status, answer.headers, await answer.read(), answer.cookies)

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask as a browser does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", path, headers={"Accept": "text/html", **named})

    async def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        """Send a form as a browser does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("POST", path, data=dict(form), headers={"Accept": "text/html", **named})

    async def log_in(self) -> str:
        """Log in, and return what forms must carry."""
        answer = await self.post("/login", {"token": TOKEN, "next": "/"})
        assert answer.status == 303, answer.text
        return csrf_of((await self.get("/silences")).text)


def csrf_of(page: str) -> str:
    """Return the hidden field of the first form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}

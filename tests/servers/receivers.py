"""What receivers do: handlers for `tests.servers.site.Site`, a mail server and a Matrix server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session


async def hang(request: web.BaseRequest) -> web.StreamResponse:
    """Take the message, and never answer."""
    await request.read()
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets was set")


class Hanging:
    """Hangs likewise, and says when the message has come."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.arrived.set()
        return await hang(request)


async def drip(request: web.BaseRequest) -> web.StreamResponse:
    """Answer a byte now and then, for ever: no time-out between two bytes ends it."""
    await request.read()
    response = web.StreamResponse()
    await response.prepare(request)
    with suppress(ConnectionError):
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.1)
    return response


async def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Take the message, and cut the connection in place of an answer."""
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@dataclass(kw_only=True)
class MailServer:
    """A mail server on loopback; `rcpt` and `data` are what it answers there, unless it hangs or resets."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    hangs: bool = False
    resets: bool = False
    smtp: dict[str, Any] = field(default_factory=dict)
    got: list[Mail] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    async def open(self, **listening: Any) -> MailServer:
        """Start to serve, on a free port."""
        self._server = await asyncio.get_running_loop().create_server(
            self._protocol(), "127.0.0.1", 0, **listening
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """Stop, whoever is still being served."""
        assert self._server is not None
        self._server.close()

    def _protocol(self) -> Callable[[], SMTP]:
        return lambda: SMTP(self, hostname="mail.test", **self.smtp)

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hangs:
            await asyncio.Event().wait()
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.data.startswith("250"):
            self.got.append(message_from_bytes(envelope.content))
        if self.resets:
            assert server.transport is not None
            server.transport.abort()
        return self.data


MATRIX = "/_matrix/client/v3"
PASSWORD = "passw0rd"
ROOM = "!abc:hs.test"
# From version 12 of rooms on, their ids name no server.
NEWER_ROOM = "!new"
ROOMS = (ROOM, NEWER_ROOM)


@dataclass(kw_only=True)
class MatrixServer:
    """As much of a homeserver as a message needs.

    `limited_for` makes it answer 429 to messages, `encrypts` is what it says of its rooms: None is a failure.
    """

    limited_for: float | None = None
    encrypts: bool | None = False
    messages: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)
    logins: int = 0
    logouts: int = 0
    port: int = 0
    _runner: web.ServerRunner | None = None

    async def open(self) -> MatrixServer:
        """Start to serve, on a free port."""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def close(self) -> None:
        """Stop, whoever is still being served."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        fields = json.loads(body) if body else {}
        path = request.path.removeprefix(MATRIX)
        if path == "/register":
            self.registered.append(fields.get("username", ""))
        if path == "/login" and fields["password"] != PASSWORD:
            refusal = {"errcode": "M_FORBIDDEN", "error": "Invalid username or password"}
            return web.json_response(refusal, status=403)
        if path in {"/login", "/register"}:
            self.logins += 1
            return web.json_response(
                {"access_token": "syt_t0ken", "user_id": "@bot:hs.test", "device_id": "D"}
            )
        if path == "/logout":
            self.logouts += 1
            return web.json_response({})
        if path == "/account/whoami":
            return web.json_response({"user_id": "@bot:hs.test", "device_id": "D"})
        if path == "/createRoom":
            self.created.append(fields.get("room_alias_name", ""))
            return web.json_response({"room_id": "!new:hs.test"})
        return self._in_rooms(path, fields)

    def _in_rooms(self, path: str, fields: dict[str, Any]) -> web.StreamResponse:
        if path in {f"/join/{ROOM}", "/join/#ops:hs.test"}:
            return web.json_response({"room_id": ROOM})
        if path == f"/join/{NEWER_ROOM}":
            return web.json_response({"room_id": NEWER_ROOM})
        if path.endswith("/state/m.room.encryption") and self.encrypts is not False:
            state = {"algorithm": "m.megolm.v1.aes-sha2"} if self.encrypts else {"errcode": "M_UNKNOWN"}
            return web.json_response(state, status=200 if self.encrypts else 500)
        if not path.startswith(tuple(f"/rooms/{room}/send/" for room in ROOMS)):
            return web.json_response({"errcode": "M_NOT_FOUND", "error": "not found"}, status=404)
        if self.limited_for is not None:
            wait = {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": self.limited_for * 1000}
            return web.json_response(wait, status=429)
        self.messages.append(fields["body"])
        return web.json_response({"event_id": f"${len(self.messages)}"})

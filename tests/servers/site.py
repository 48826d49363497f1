"""A scriptable HTTP server on loopback: a test sets what each path answers, and reads what was asked.

    async def test_something(site):
        site.answer("/latest.json", {"tag": "20241008"}, etag='"1"')
        ... fetch site.url("/latest.json") ...
        assert site.asked("/latest.json")[0].headers["Accept"] == "application/json"

A path with an ETag or a date answers 304 to whoever has it already. `script` gives a path a row of answers,
the last of which stays. `site.drop()` closes the listening socket as if the server were down, `listen()`
brings it back on the same port.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a path answers. `after` is how long it waits first, in seconds."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came; `path` is without the query."""

    method: str
    path: str
    query: str
    headers: CIMultiDictProxy[str]
    body: bytes
    peer: tuple[str, int]


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Site:
    """The server; `open` it in a running loop and `close` it."""

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.host = host
        self.port = 0
        self.requests: list[Asked] = []
        self.peak = 0
        self._busy = 0
        self._tls = tls
        self._answers: dict[str, list[Answer | Handler]] = {}
        self._runner: web.ServerRunner | None = None
        self._socket: web.TCPSite | None = None

    # --- what it answers -------------------------------------------------------------------------

    def answer(
        self,
        path: str,
        body: bytes | str | Mapping[str, Any] | Sequence[Any] = b"",
        *,
        status: int = 200,
        etag: str | None = None,
        last_modified: str | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        after: float = 0.0,
    ) -> None:
        """Answer this path so from now on; a mapping or a sequence is sent as JSON."""
        content, kind = _encoded(body)
        named = {"ETag": etag, "Last-Modified": last_modified, "Content-Type": content_type or kind}
        sent = {name: value for name, value in named.items() if value is not None} | dict(headers or {})
        self.script(path, Answer(status=status, body=content, headers=sent, after=after))

    def script(self, path: str, *answers: Answer | Handler) -> None:
        """Answer this path with each of these in turn; the last one stays."""
        self._answers[path] = list(answers)

    def forget(self, path: str) -> None:
        """Answer 404 there from now on."""
        self._answers.pop(path, None)

    # --- what was asked --------------------------------------------------------------------------

    def asked(self, path: str) -> list[Asked]:
        """Return the requests for this path, oldest first."""
        return [request for request in self.requests if request.path == path]

    @property
    def connections(self) -> int:
        """How many connections stand, idle ones included."""
        assert self._runner is not None
        assert self._runner.server is not None
        return len(self._runner.server.connections)

    def url(self, path: str = "/", *, host: str | None = None, userinfo: str = "") -> str:
        """Return an address of this server."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{userinfo}{host or self.host}:{self.port}{path}"

    # --- its life --------------------------------------------------------------------------------

    async def open(self) -> Site:
        """Start to serve, on a free port."""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await self.listen()
        return self

    async def listen(self) -> None:
        """Accept connections, on the port it had before if it had one."""
        assert self._runner is not None
        self._socket = web.TCPSite(
            self._runner, self.host, self.port, ssl_context=self._tls, reuse_address=True
        )
        await self._socket.start()
        self.port = self._runner.addresses[0][1]

    async def drop(self) -> None:
        """Refuse connections until `listen`, and cut those that stand."""
        assert self._runner is not None
        assert self._socket is not None
        await self._socket.stop()
        if self._runner.server is not None:
            for connection in list(self._runner.server.connections):
                connection.force_close()

    async def close(self) -> None:
        """Stop, whoever is still being served."""
        if self._runner is not None:
            await self._runner.cleanup()

    # --- serving ---------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy += 1
        self.peak = max(self.peak, self._busy)
        try:
            return await self._answered(request)
        finally:
            self._busy -= 1

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        peer = request.transport.get_extra_info("peername") if request.transport else ("", 0)
        asked = Asked(
            method=request.method,
            path=request.path,
            query=request.query_string,
            headers=request.headers,
            body=await request.read(),
            peer=(peer[0], peer[1]),
        )
        self.requests.append(asked)
        answers = self._answers.get(request.path)
        if not answers:
            return web.Response(status=404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if not isinstance(answer, Answer):
            return await answer(request)
        if answer.after:
            await asyncio.sleep(answer.after)
        if answer.status == 200 and _has_it(request.headers, answer.headers):
            validators = {k: v for k, v in answer.headers.items() if k != "Content-Type"}
            return web.Response(status=304, headers=validators)
        return web.Response(status=answer.status, body=answer.body, headers=CIMultiDict(answer.headers))


def _encoded(body: bytes | str | Mapping[str, Any] | Sequence[Any]) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return json.dumps(body).encode(), "application/json"


def _has_it(asked: Mapping[str, str], sent: Mapping[str, str]) -> bool:
    """Whether the one who asks has this answer already (RFC 9110, 13.2.2: the ETag goes before the date)."""
    if "If-None-Match" in asked:
        return "ETag" in sent and asked["If-None-Match"] == sent["ETag"]
    since = asked.get("If-Modified-Since")
    return since is not None and since == sent.get("Last-Modified")

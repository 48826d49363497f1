"""One connection of the hostile server, and the register of wrong answers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

Handler = Callable[["Asking"], Awaitable[None]]
ANSWERS: dict[str, Wrong] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One wrong answer; `deserves` is a failure's reason, or `document`; a deadline ends an endless one."""

    name: str
    deserves: str
    answer: Handler
    is_endless: bool = False


def wrong(name: str, deserves: str) -> Callable[[Handler], Handler]:
    """Register a wrong answer."""

    def registered(answer: Handler) -> Handler:
        ANSWERS[name] = Wrong(name=name, deserves=deserves, answer=answer)
        return answer

    return registered


def endless(name: str) -> Callable[[Handler], Handler]:
    """Register an answer that only a deadline ends."""

    def registered(answer: Handler) -> Handler:
        ANSWERS[name] = Wrong(name=name, deserves="unreachable", answer=answer, is_endless=True)
        return answer

    return registered


def sends(name: str, deserves: str, *parts: bytes) -> None:
    """Register an answer that is these bytes, after which the connection is closed."""

    async def answer(asking: Asking) -> None:
        await asking.send(*parts)

    wrong(name, deserves)(answer)


def response(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return a well-formed answer; `Retry_After="1"` becomes a header."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode("latin-1") + body


class Asking:
    """One request, and the raw connection it came over."""

    def __init__(self, path: str, port: int, writer: asyncio.StreamWriter) -> None:
        self.path = path
        self.port = port
        self.writer = writer

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def flood(self, part: bytes) -> None:
        """Send this again and again, with just enough rest for others on this machine to be served."""
        await self.drip(itertools.repeat(part), every=0.01)

    async def drip(self, parts: Iterable[bytes], every: float) -> None:
        for part in parts:
            await self.send(part)
            await asyncio.sleep(every)

    async def hang(self) -> None:
        """Say nothing more until the other side has had enough."""
        await asyncio.sleep(3600)

    def reset(self) -> None:
        """Cut the connection with a reset."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Listening:
    """The server of one wrong answer."""

    def __init__(self, answer: Wrong) -> None:
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> Listening:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ")[1].decode()
                answering = asyncio.ensure_future(self._answer.answer(Asking(path, self.port, writer)))
                await _until_gone(reader, answering)
            finally:
                writer.transport.abort() if writer.is_closing() else writer.close()


async def _until_gone(reader: asyncio.StreamReader, answering: asyncio.Future[None]) -> None:
    """Wait for the answer to be given, or for the other side to close."""
    gone = asyncio.ensure_future(reader.read())
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in (answering, gone):
            future.cancel()
        await asyncio.gather(answering, gone, return_exceptions=True)


async def listen(answer: Wrong) -> Listening:
    """Serve this answer on a port of its own."""
    return await Listening(answer).open()

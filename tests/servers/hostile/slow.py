"""Answers that do not end, or not in time."""

from __future__ import annotations

import itertools

from tests.servers.hostile.asking import Asking, endless, wrong

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@endless("slow-head")
async def slow_head(asking: Asking) -> None:
    await asking.drip((bytes([byte]) for byte in HEAD + b"X: " + b"a" * 8000), every=0.02)


@endless("drip-body")
async def drip_body(asking: Asking) -> None:
    await asking.send(HEAD + b"Content-Length: 1000000\r\n\r\n")
    await asking.drip(itertools.repeat(b"x"), every=0.02)


@endless("no-head")
async def no_head(asking: Asking) -> None:
    await asking.hang()


@endless("half-a-head")
async def half_a_head(asking: Asking) -> None:
    await asking.send(HEAD + b"Content-")
    await asking.hang()


@endless("no-body")
async def no_body(asking: Asking) -> None:
    await asking.send(HEAD + b"Content-Length: 10\r\n\r\n")
    await asking.hang()


@endless("body-without-end")
async def body_without_end(asking: Asking) -> None:
    await asking.send(HEAD + b"\r\nabc")
    await asking.hang()


@endless("100-for-ever")
async def hundred_for_ever(asking: Asking) -> None:
    await asking.drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), every=0.02)


@endless("103-flood")
async def flood_of_hints(asking: Asking) -> None:
    await asking.flood(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 200)


@wrong("endless-chunks", "malformed")
async def endless_chunks(asking: Asking) -> None:
    await asking.send(CHUNKED, *itertools.repeat(b"10000\r\n" + b"a" * 65536 + b"\r\n", 10_000))


@wrong("endless-body", "malformed")
async def endless_body(asking: Asking) -> None:
    await asking.send(HEAD + b"\r\n", *itertools.repeat(b"a" * 65536, 10_000))


@endless("endless-one-byte-chunks")
async def endless_tiny_chunks(asking: Asking) -> None:
    await asking.send(CHUNKED)
    await asking.flood(b"1\r\na\r\n" * 2000)


@endless("endless-chunk-extension")
async def endless_chunk_extension(asking: Asking) -> None:
    await asking.send(CHUNKED + b"1;")
    await asking.flood(b"a" * 65536)


@wrong("endless-trailers", "malformed")
async def endless_trailers(asking: Asking) -> None:
    await asking.send(CHUNKED + b"1\r\na\r\n0\r\n", *itertools.repeat(b"X-A: a\r\n" * 1000, 10_000))


@wrong("endless-error-body", "refused")
async def endless_error_body(asking: Asking) -> None:
    await asking.send(b"HTTP/1.1 403 Forbidden\r\n\r\n", *itertools.repeat(b"a" * 65536, 10_000))


@endless("endless-redirect-body")
async def endless_redirect_body(asking: Asking) -> None:
    if asking.path == "/end":
        await asking.hang()
    head = b"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n"
    await asking.send(head, *itertools.repeat(b"a" * 65536, 10_000))

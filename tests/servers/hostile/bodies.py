"""Bodies that are not what their heads announce, or far more."""

from __future__ import annotations

import gzip
import itertools
import zlib

from tests.servers.hostile.asking import Asking, endless, response, sends, wrong

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = HEAD + b"Content-Encoding: gzip\r\n"


def bomb(megabytes: int) -> bytes:
    """Return gzip of that many megabytes of zeros, a thousandth of the size, made from one block."""
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    return start + block * (megabytes - 1)


@wrong("gzip-bomb", "malformed")
async def gzip_bomb(asking: Asking) -> None:
    body = bomb(1024)
    await asking.send(GZIPPED + b"Content-Length: %d\r\n\r\n" % len(body), body)


@wrong("gzip-bomb-in-chunks", "malformed")
async def gzip_bomb_in_chunks(asking: Asking) -> None:
    body = bomb(1024)
    head = GZIPPED + b"Transfer-Encoding: chunked\r\n\r\n"
    await asking.send(head, b"%x\r\n" % len(body), body, b"\r\n0\r\n\r\n")


@wrong("gzip-of-a-gzip-bomb", "malformed")
async def double_bomb(asking: Asking) -> None:
    body = gzip.compress(bomb(1024), 1)
    head = HEAD + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    await asking.send(head, body)


@wrong("gzip-bomb-in-a-403", "refused")
async def bomb_in_a_403(asking: Asking) -> None:
    body = bomb(1024)
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    await asking.send(head, body)


@wrong("reset-in-the-body", "unreachable")
async def reset_in_the_body(asking: Asking) -> None:
    await asking.send(HEAD + b"Content-Length: 100\r\n\r\nabc")
    asking.reset()


@endless("bad-chunk-later")
async def bad_chunk_later(asking: Asking) -> None:
    await asking.drip([HEAD + CHUNKED + b"3\r\nabc\r\n", b"ZZZ\r\n"], every=0.1)


@wrong("close-at-once", "unreachable")
async def close_at_once(asking: Asking) -> None:
    asking.writer.close()


@wrong("reset-at-once", "unreachable")
async def reset_at_once(asking: Asking) -> None:
    asking.reset()


sends("two-gzip-headers", "malformed", GZIPPED, b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"{}"))
sends("gzip-members-without-end", "malformed", GZIPPED + b"\r\n", gzip.compress(b"") * 100_000)
sends("gzip-then-garbage", "malformed", response(gzip.compress(b"{}") + b"garbage", Content_Encoding="gzip"))
sends("not-gzip", "malformed", response(b"not gzip at all", Content_Encoding="gzip"))
sends("truncated-gzip", "malformed", response(gzip.compress(b"a" * 100_000)[:50], Content_Encoding="gzip"))
sends("gzip-without-its-trailer", "malformed", response(gzip.compress(b"{}")[:-8], Content_Encoding="gzip"))
sends("empty-gzip", "malformed", response(b"", Content_Encoding="gzip"))
sends(
    "gzip-with-a-wrong-checksum",
    "malformed",
    response(gzip.compress(b"{}")[:-8] + b"\0" * 8, Content_Encoding="gzip"),
)
sends("unknown-encoding", "malformed", response(b"\0\1", Content_Encoding="zstd-foo"))
sends("deflate", "malformed", response(zlib.compress(b"{}"), Content_Encoding="deflate"))
sends("short-body", "unreachable", HEAD, b"Content-Length: 1000\r\n\r\nabc")
sends("chunks-cut-short", "unreachable", HEAD, CHUNKED + b"5\r\nabc")
sends("chunks-without-an-end", "unreachable", HEAD, CHUNKED + b"3\r\nabc\r\n")
sends("length-over-the-cap", "malformed", HEAD, b"Content-Length: 99999999999\r\n\r\nabc")
sends("length-of-a-thousand-digits", "malformed", HEAD, b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nabc")
sends("negative-length", "malformed", HEAD, b"Content-Length: -5\r\n\r\nabc")
sends("length-in-words", "malformed", HEAD, b"Content-Length: three\r\n\r\nabc")
sends("two-lengths", "malformed", HEAD, b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")
sends(
    "length-and-chunks",
    "malformed",
    HEAD,
    b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
)
sends("chunk-length-in-letters", "malformed", HEAD, CHUNKED + b"ZZZ\r\nabc\r\n")
sends("huge-chunk-length", "malformed", HEAD, CHUNKED + b"F" * 18 + b"\r\nabc\r\n")
sends("chunked-twice", "document", HEAD, b"Transfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
sends("over-the-cap-by-one", "malformed", response(b"a" * (4 * 1024 * 1024 + 1)))
sends("long-body", "malformed", HEAD, b"Content-Length: 3\r\n\r\nabcdefGHI")
sends("zeros-after-gzip", "document", response(gzip.compress(b"{}") + bytes(100), Content_Encoding="gzip"))
sends(
    "slow-cookies",
    "document",
    HEAD,
    *itertools.repeat(b"Set-Cookie: c=" + b'"\\' * 4000 + b"\r\n", 100),
    b"Content-Length: 2\r\n\r\n{}",
)

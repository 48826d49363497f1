"""Heads that are not HTTP, or far too long."""

from __future__ import annotations

import itertools

from tests.servers.hostile.asking import Asking, response, sends, wrong

HEAD = b"HTTP/1.1 200 OK\r\n"
END = b"Content-Length: 2\r\n\r\n{}"


@wrong("huge-header", "malformed")
async def huge_header(asking: Asking) -> None:
    await asking.send(HEAD + b"X-Big: ", *itertools.repeat(b"a" * 65536, 160), b"\r\n", END)


@wrong("a-million-headers", "malformed")
async def many_headers(asking: Asking) -> None:
    await asking.send(HEAD, *(b"".join(b"X-%d: a\r\n" % n for n in range(k, k + 1000)) for k in range(1000)))


@wrong("huge-status-line", "malformed")
async def huge_status_line(asking: Asking) -> None:
    await asking.send(b"HTTP/1.1 200 ", *itertools.repeat(b"a" * 65536, 160), b"\r\n", END)


@wrong("half-a-head-then-close", "unreachable")
async def half_a_head_then_close(asking: Asking) -> None:
    await asking.send(HEAD + b"Content-")
    asking.writer.close()


sends("garbage", "malformed", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 SSH-2.0-OpenSSH\r\n\r\n")
sends("ssh", "malformed", b"SSH-2.0-OpenSSH_9.2\r\n")
sends("http-0.9", "malformed", b"<html>hi</html>")
sends("http-9.9", "malformed", b"HTTP/9.9 200 OK\r\n", END)
sends("status-in-letters", "malformed", b"HTTP/1.1 abc OK\r\n", END)
sends("status-of-four-digits", "malformed", b"HTTP/1.1 2000 OK\r\n", END)
sends("status-of-two-digits", "malformed", b"HTTP/1.1 20 OK\r\n", END)
sends("negative-status", "malformed", b"HTTP/1.1 -20 OK\r\n", END)
sends("header-without-a-colon", "malformed", HEAD, b"nonsense\r\n", END)
sends("header-with-a-space-in-its-name", "malformed", HEAD, b"X A: b\r\n", END)
sends("header-with-a-nul", "malformed", HEAD, b"X-A: a\x00b\r\n", END)
sends("empty-header-name", "malformed", HEAD, b": b\r\n", END)
sends("only-newlines", "unreachable", b"\r\n" * 1000)
sends("etag-that-is-not-text", "document", HEAD, b'ETag: "a\xff\xfe"\r\n', END)
sends("folded-header", "document", HEAD, b"X-A: a\r\n b\r\n", END)
sends("slow-links", "document", HEAD, b"Link: <a>; rel=" + b" " * 8000 + b"x\r\n", END)
sends("many-slow-links", "document", HEAD, (b"Link: <a>; rel=" + b" " * 7900 + b"x\r\n") * 100, END)
sends("links-of-angles", "document", HEAD, b"Link: " + b"<" * 8000 + b"\r\n", END)
sends("slow-content-type", "document", HEAD, b"Content-Type: " + b"a/b; " * 1600 + b"\r\n", END)
sends("slow-date-in-retry-after", "limited", response(status="429 No", Retry_After="0 " * 4000))

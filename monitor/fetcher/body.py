"""Reading a body to its end, with a cap before and after decompression.

aiohttp's own decompression hands over a truncated gzip body as if it were whole and knows no cap, so the
session has it off and this file does it.
"""

from __future__ import annotations

import zlib

import aiohttp

from monitor.errors import FetchError

_GZIP = 31
_MOST_MEMBERS = 100
_LONGEST_START = 16_384


class BodyError(FetchError):
    """The body is not what its head announced, or more than is wanted; a phrase that follows "its body"."""


async def read_body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Return the whole body, decompressed.

    Raises:
        BodyError: it is too large, cut short, or in an encoding that was not asked for.
    """
    gunzip = _gunzip_for(_encoding_of(response), max_bytes)
    length = response.content_length
    if length is not None and length > max_bytes:
        raise BodyError(f"is {length:,} bytes long, over the {max_bytes:,} that are allowed")
    content = response.content
    chunks: list[bytes] = []
    received = 0
    while chunk := await content.readany():
        received += len(chunk)
        if received > max_bytes:
            raise BodyError(f"is over the {max_bytes:,} bytes that are allowed")
        chunks.append(chunk if gunzip is None else gunzip.feed(chunk))
    if gunzip is not None:
        gunzip.finish()
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def read_start(response: aiohttp.ClientResponse) -> bytes:
    """Return the first bytes of an error's body, decompressed; as much as can be had, perhaps nothing."""
    start = bytearray()
    try:
        gunzip = _gunzip_for(_encoding_of(response), _LONGEST_START)
        while len(start) < _LONGEST_START and (chunk := await response.content.readany()):
            start += chunk if gunzip is None else gunzip.feed(chunk)
    except (BodyError, aiohttp.ClientError, OSError):
        pass
    return bytes(start[:_LONGEST_START])


def _encoding_of(response: aiohttp.ClientResponse) -> str:
    if "Content-Encoding" not in response.headers:
        return ""
    return ",".join(response.headers.getall("Content-Encoding")).strip().lower()


def _gunzip_for(encoding: str, max_bytes: int) -> Gunzip | None:
    if encoding in {"", "identity"}:
        return None
    if encoding in {"gzip", "x-gzip"}:
        return Gunzip(max_bytes)
    raise BodyError("is in a content encoding that was not asked for (only gzip is)")


class Gunzip:
    """A gzip stream taken in piece by piece (RFC 1952): one member after the other, zeros at the end."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._members = 1
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, data: bytes) -> bytes:
        """Return what this piece decompresses to.

        Raises:
            BodyError: it is not gzip, too large, or padded with something else than zeros.
        """
        pieces: list[bytes] = []
        while data:
            if self._member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                self._next_member()
            pieces.append(self._decompressed(data))
            data = self._member.unused_data
        return b"".join(pieces)

    def finish(self) -> None:
        """Note the end of the body.

        Raises:
            BodyError: the stream goes on; the body was cut short.
        """
        if not self._member.eof:
            raise BodyError("is gzip that ends too early")

    def _decompressed(self, data: bytes) -> bytes:
        try:
            # One byte over the cap is asked for, so that a body of exactly its size is not mistaken for more.
            piece = self._member.decompress(data, self._left + 1)
        except zlib.error as error:
            raise BodyError("is not the gzip that its head announces") from error
        self._left -= len(piece)
        if self._left < 0:
            raise BodyError(f"is over the {self._max_bytes:,} bytes that are allowed once decompressed")
        return piece

    def _next_member(self) -> None:
        # A body of a hundred thousand empty members costs seconds and says nothing.
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise BodyError(f"is gzip of more than {_MOST_MEMBERS} members")
        self._member = zlib.decompressobj(_GZIP)

"""git's pkt-line framing (gitprotocol-common): four hexadecimal digits of length, and data."""

from __future__ import annotations

from monitor.errors import ParseError
from monitor.versions import excerpt

FLUSH = b"0000"
DELIMITER = b"0001"
_HEAD = 4
_DIGITS = frozenset(b"0123456789abcdefABCDEF")


def packed(*parts: bytes) -> bytes:
    """Return these parts as packets; `FLUSH` and `DELIMITER` are packets already."""
    return b"".join(
        part if part in {FLUSH, DELIMITER} else b"%04x" % (len(part) + _HEAD) + part for part in parts
    )


def lines_of(body: bytes, where: str) -> list[bytes]:
    """Return the data of all packets, without the newline at the end.

    Raises:
        ParseError: the framing is broken, it was cut off (whole answers end with a flush), or it is an error
            message of the server's.
    """
    lines = []
    place, is_whole = 0, False
    while place < len(body):
        length = _length(body, place, where)
        is_whole = length == 0
        if length >= _HEAD:
            lines.append(_data(body[place + _HEAD : place + length], where))
        place += max(length, _HEAD)
    if not is_whole or place > len(body):
        raise ParseError(f"{where} sent an answer that was cut off after {len(body):,} bytes")
    return lines


def _length(body: bytes, place: int, where: str) -> int:
    """Return a packet's length; 0 is a flush, 1 and 2 other separators."""
    head = body[place : place + _HEAD]
    if len(head) < _HEAD or not _DIGITS.issuperset(head) or int(head, 16) == 3:
        found = excerpt(head.decode("ascii", "replace"))
        raise ParseError(f"{where} sent {found} at byte {place:,} where a packet's length should be")
    return int(head, 16)


def _data(data: bytes, where: str) -> bytes:
    if data.startswith(b"ERR "):
        raise ParseError(f"{where} refused: {excerpt(data[4:].decode('utf-8', 'replace').strip())}")
    return data.removesuffix(b"\n")

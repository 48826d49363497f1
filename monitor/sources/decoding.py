"""From the bytes of a document to its text."""

from __future__ import annotations

import codecs
import re

from monitor.errors import ParseError
from monitor.model import Document
from monitor.versions import excerpt

# The longer mark first: that of UTF-32 LE begins with that of UTF-16 LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "windows-1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_LONGEST_PHRASE = 200
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]{1,40})", re.IGNORECASE)


def text_of(document: Document, where: str) -> str:
    """Return the document's text without a byte order mark.

    A mark says how it is encoded; without one the `Content-Type` does, and where that says nothing it is
    UTF-8.

    Raises:
        ParseError: it is not in that encoding, or in one that is not read here.
    """
    for mark, encoding in _MARKS:
        if document.body.startswith(mark):
            return _decoded(document.body[len(mark) :], encoding, where)
    return _decoded(document.body, _declared(document, where), where)


def beginning(text: str) -> str:
    """Return how a document begins, for a sentence that says what came instead."""
    start = text[:200].strip()[:60]
    return f"it begins with {excerpt(start)}" if start else "it is empty"


def phrase(text: str) -> str:
    """Return another's message for a sentence of ours: on one line, printable ASCII, cut short."""
    shown = ascii(" ".join(text[:_LONGEST_PHRASE].split()))[1:-1]
    return shown + ("…" if len(text) > _LONGEST_PHRASE else "")


def _declared(document: Document, where: str) -> str:
    match = _CHARSET.search(document.content_type)
    if match is None:
        return "utf-8"
    encoding = _CHARSETS.get(match.group(1).lower())
    if encoding is None:
        known = "UTF-8, UTF-16, ASCII, ISO-8859-1, ISO-8859-15 and Windows-1252"
        raise ParseError(f"{where} says it is in {excerpt(match.group(1))}; what is read here is {known}")
    return encoding


def _decoded(body: bytes, encoding: str, where: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise ParseError(
            f"{where} is not {encoding.upper()} text: byte {error.start + 1} is wrong"
        ) from error

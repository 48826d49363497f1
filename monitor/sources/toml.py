"""Versions in a TOML document."""

from __future__ import annotations

import tomllib

from monitor.errors import ParseError
from monitor.model import Document
from monitor.sources.decoding import beginning, phrase, text_of
from monitor.sources.structured import structured_kind
from monitor.sources.trees import plain

_MOST_BYTES = 256 * 1024
# A dotted key costs the square of its parts: 20,000 in 40 KB took 5.4 s and 1 GB.
_MOST_DOTS = 50


def parse(document: Document, where: str) -> object:
    """Return the document's value; its dates and times are texts that are no versions.

    Raises:
        ParseError: it is not TOML 1.0, or larger than metadata is.
    """
    if len(document.body) > _MOST_BYTES:
        raise ParseError(
            f"{where} has {len(document.body):,} bytes; no more than {_MOST_BYTES:,} are read as TOML"
        )
    text = text_of(document, where)
    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > _MOST_DOTS:
            raise ParseError(f"{where} has over {_MOST_DOTS} dots in line {number}; that is not metadata")
    try:
        return plain(tomllib.loads(text))
    except ParseError as error:
        raise ParseError(f"{where} {error}") from error
    except RecursionError as error:
        raise ParseError(f"{where} is nested too deeply") from error
    except ValueError as error:
        raise ParseError(f"{where} is not TOML ({phrase(str(error))}); {beginning(text)}") from error


KIND = structured_kind(
    name="toml",
    summary="Versions in a TOML document of at most 256 KiB, found by JSONPath.",
    example='metadata = { kind = "toml", url = "https://example.org/latest.toml", path = "$.latest" }',
    accept="application/toml, text/plain;q=0.9, */*;q=0.5",
    max_bytes=_MOST_BYTES,
    parse=parse,
)

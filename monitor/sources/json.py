"""Versions in a JSON document."""

from __future__ import annotations

import json
import math
from typing import Any

from monitor.errors import ParseError
from monitor.model import Document
from monitor.sources.decoding import beginning, text_of
from monitor.sources.structured import structured_kind
from monitor.versions import excerpt

# Each comma or bracket is about one value; a list of a thousand releases has some ten thousand.
_MOST_VALUES = 250_000


def parse(document: Document, where: str) -> object:
    """Return the document's value.

    Raises:
        ParseError: it is not JSON (RFC 8259), or only to parsers that look away: a name twice in one object,
            `NaN`, a number out of range.
    """
    text = text_of(document, where)
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise ParseError(f"{where} has over {_MOST_VALUES:,} values; that is not the metadata of a project")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        what = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ParseError(f"{where} is not JSON ({what}); {beginning(text)}") from error
    except RecursionError as error:
        raise ParseError(f"{where} is nested too deeply") from error
    except ParseError as error:
        raise ParseError(f"{where} {error}") from error
    except ValueError as error:
        raise ParseError(f"{where} has a number of thousands of digits") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ParseError(
            f"has the name {excerpt(twice)} twice in one object; readers disagree on which counts"
        )
    return found


def _refuse_constant(name: str) -> object:
    raise ParseError(f"has the number {name}, which is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ParseError(f"has the number {excerpt(digits)}, which is out of range")
    return number


KIND = structured_kind(
    name="json",
    summary="Versions in a JSON document, found by JSONPath.",
    example='metadata = { kind = "json", url = "https://example.org/latest-release.json", path = "$.tag" }',
    accept="application/json, */*;q=0.5",
    max_bytes=4 * 1024 * 1024,
    parse=parse,
)

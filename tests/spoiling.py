"""What may become of a document on its way to us."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

Spoil = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A document as it came."""

    body: bytes = field(repr=False)
    content_type: str


HOSTILE = [
    "", " ", "\0", "\ud800", "\u202e1.1", "\u0661.1", "../../etc/passwd", "<!here>",
    "<script>alert(1)</script>", "${jndi:ldap://x}", "'; DROP TABLE looks; --", "%s%n", "\x1b[31m",
    "x" * 257, "9" * 5000, "1." * 200, "NaN", "1e999", "-", "refs/heads/main", "*c", "!!x",
    "9999-12-31T23:59:59.999999+14:00", "0000-00-00", "]]>", "&a;",
]  # fmt: skip
MOST = 1_000_000
OTHERS = ["null", "true", "-1", "1e999", "[]", "{}", '["1.0"]', '{"v": "1.0"}', "9" * 5000, '"\\ud800"']
ENCODINGS = ["utf-8-sig", "utf-16", "utf-32", "utf-7", "cp037", "latin-1"]
TYPES = [
    "", "application/json", "text/plain", "text/plain; charset=utf-16", "text/html; charset=latin-1",
    "application/json; charset=rot13", "text/plain; charset=utf-7", 'text/plain; charset="', "image/png",
]  # fmt: skip
VALUE = re.compile(rb'"[^"]*"|\'[^\']*\'|[0-9][0-9.TZ:-]*')
OPENING = ["[", "{", '{"v":', "- ", "[[", "<entry>", "(", "&a [", "a.", "!!seq "]


def _cut(body: bytes, at: float) -> bytes:
    return body[: int(len(body) * at)]


def _flip(body: bytes, at: float, bit: int) -> bytes:
    if not body:
        return b"\0"
    place = int((len(body) - 1) * at)
    return body[:place] + bytes([body[place] ^ 1 << bit]) + body[place + 1 :]


def _replace(body: bytes, number: int, by: str) -> bytes:
    """Put this in the place of a value, quotes and all."""
    found = list(VALUE.finditer(body))
    if not found:
        return by.encode("utf-8", "surrogatepass")
    match = found[number % len(found)]
    return body[: match.start()] + by.encode("utf-8", "surrogatepass") + body[match.end() :]


def _twice(body: bytes, first: float, second: float, times: int) -> bytes:
    """Repeat a part: keys come twice, lists and lines grow long."""
    start, end = sorted((int(len(body) * first), int(len(body) * second)))
    return body[:start] + body[start:end] * times + body[end:]


def _deep(body: bytes, opening: str, times: int) -> bytes:
    return opening.encode() * times + body


def _encoded(body: bytes, name: str) -> bytes:
    return body.decode("utf-8", "replace").encode(name, "replace")


def _swapped(body: bytes, number: int) -> bytes:
    """Let two lines, or two members, change places."""
    parts = re.split(rb"([,\n])", body)
    pairs = list(pairwise(range(0, len(parts), 2)))
    if pairs:
        one, two = pairs[number % len(pairs)]
        parts[one], parts[two] = parts[two], parts[one]
    return b"".join(parts)


def _followed(body: bytes, tail: bytes) -> bytes:
    return body + tail


def _of(spoil: Callable[..., bytes], **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Spoil]:
    return st.fixed_dictionaries(arguments).map(lambda drawn: partial(spoil, **drawn))


PART = st.floats(0, 1)
NUMBER = st.integers(0, 50)
SPOILING: list[st.SearchStrategy[Spoil]] = [
    _of(_cut, at=PART),
    _of(_flip, at=PART, bit=st.integers(0, 7)),
    _of(_replace, number=NUMBER, by=st.sampled_from(HOSTILE).map(json.dumps)),
    _of(_replace, number=NUMBER, by=st.sampled_from([*HOSTILE, *OTHERS])),
    _of(_twice, first=PART, second=PART, times=st.sampled_from([0, 2, 3, 100, 10_000])),
    _of(_deep, opening=st.sampled_from(OPENING), times=st.sampled_from([1, 100, 50_000])),
    _of(_encoded, name=st.sampled_from(ENCODINGS)),
    _of(_swapped, number=NUMBER),
    _of(_followed, tail=st.binary(max_size=40)),
]


@st.composite
def spoilt(draw: st.DrawFn, valid: bytes) -> Spoilt:
    """Draw what one to three mishaps make of a document."""
    body = valid
    for spoil in draw(st.lists(st.one_of(SPOILING), min_size=1, max_size=3)):
        body = spoil(body)[:MOST]
    return Spoilt(body, draw(st.sampled_from(TYPES)))

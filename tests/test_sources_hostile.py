"""Some hundreds of malformed documents and tags, each to every kind: a sentence or a reading, in time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import sources
from monitor.errors import ParseError
from monitor.model import Document, Reading, Release
from monitor.versions import names, scheme_named
from tests.dialogues import check, source
from tests.effort import work_of

Property = Callable[[str, object], None]
PATHS = {"path": "$..v", "date_path": "$..d", "prerelease_path": "$..p"}
SCHEMA = {"type": "object", "properties": {"v": {"type": "string", "pattern": "^[0-9.]+$"}}}
TEXT = {"url": "https://x.org/v"}
SOURCES = {
    "json": source("json", url="https://x.org/v.json", path="$.v"),
    "json with everything": source(
        "json", url="https://x.org/v.json", **PATHS, schema=SCHEMA, pattern=r"[\d.]+"
    ),
    "toml": source("toml", url="https://x.org/v.toml", path="$.v"),
    "toml with dates": source("toml", url="https://x.org/v.toml", **PATHS),
    "yaml": source("yaml", url="https://x.org/v.yaml", path="$.v"),
    "yaml with dates": source("yaml", url="https://x.org/v.yaml", **PATHS),
    "text": source("text", **TEXT),
    "text with a regex": source("text", **TEXT, select="regex", regex=r"v(?P<version>[\d.]+)"),
    "github": source("github", repo="a/b", token="t"),
    "github without a token": source("github", repo="a/b"),
    "git": source("git", url="https://x.org/v.git"),
}

# What stands where a version, a date or a mark should be.
VALUES: list[Any] = [
    None, True, 1, -1, 1.1, 10**300, "", " ", "\n", "\0", "\ud800", "\u202e1.0", "1.0\u0000", "\u0661.0",
    "x" * 257, "x" * 100_000, "9" * 5000, "NaN", "../../etc/passwd", "<script>", "${jndi:x}", "%00", "'; --",
    [], {}, [[]], [None], {"v": None}, {"v": {"v": "1"}}, ["1", "1"], "v" * 256, "1." * 128, "1e999",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
]  # fmt: skip

# What comes instead of a document, in any format.
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a blank": b" \r\n\t",
    "NUL": b"\0",
    "many NULs": b"\0" * 100_000,
    "one byte over ASCII": b"\xff",
    "every byte": bytes(range(256)) * 40,
    "half a UTF-8 character": b'{"v": "\xc3',
    "an overlong UTF-8 character": b'{"v": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"v": "\xed\xa0\x80"}',
    "a mark of UTF-8 alone": b"\xef\xbb\xbf",
    "a mark of UTF-16 alone": b"\xff\xfe",
    "UTF-16 of odd length": b"\xff\xfe{\0}",
    "UTF-32 out of range": b"\xff\xfe\0\0\xff\xff\xff\xff",
    "UTF-7": b"+AHs-v: 1+AH0-",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
    "a page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "an error": b'{"message": "Not Found", "status": "404"}',
    "a GraphQL error": b'{"errors": [{"message": "no"}], "data": null}',
    "open brackets": b"[" * 100_000,
    "open braces": b'{"a":' * 50_000,
    "open YAML braces": b"{a: " * 50_000,
    "open dashes": b"- " * 100_000,
    "open quotes": b'"' * 99_999,
    "open TOML tables": b"[a]\n[[a]]\n",
    "open TOML strings": b"v = '''" + b"x" * 100_000,
    "open elements": b"<a>" * 100_000,
    "a long line": b"x" * 250_000,
    "a long number": b"9" * 100_000,
    "a long YAML number": b"v: " + b"9" * 100_000,
    "a long TOML number": b"v = " + b"9" * 100_000,
    "a long hexadecimal number": b"v = 0x" + b"f" * 100_000,
    "a long number in base 60": b"v: " + b"1:" * 100_000 + b"1",
    "many lines": b"1\n" * 100_000,
    "many commas": b"[" + b"1," * 120_000 + b"1]",
    "many dots": b"a." * 20_000 + b"b = 1",
    "many spaces": b" " * 250_000 + b"x",
    "many tabulators": b"v:\n" + b"\t" * 100_000,
    "many anchors": b"&a " * 50_000,
    "many tags": b"!!a " * 50_000,
    "many backslashes": b'{"v": "' + b"\\" * 100_000,
    "many escapes": b'{"v": "' + b"\\u0000" * 20_000 + b'"}',
    "many names": b"{" + b",".join(b'"%d":1' % n for n in range(30_000)) + b"}",
    "many equal names": b"{" + b",".join([b'"v":"1"'] * 30_000) + b"}",
    "many dates": json.dumps([{"v": "1", "d": "2024"}] * 5000).encode(),
    "dates for nobody": json.dumps({"v": ["1", "2"], "d": ["2024-01-01"] * 3, "p": [True]}).encode(),
    "an alias bomb": b"a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\n"
    b"d: &d [*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]",
    "an alias to itself": b"&a [*a]",
    "an object of Python": b"!!python/object/apply:os.system ['true']",
    "two documents": b"--- 1\n--- 2\n",
    "entities": b'<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
    "a file of ours": b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>',
    "another namespace": b'<feed xmlns="http://www.w3.org/2005/AtomX"/>',
    "an empty entry": b'<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>',
    "a length too long": b"ffff",
    "a length too short": b"0003",
    "a length of nothing": b"0004" * 1000,
    "flushes": b"0000" * 50_000,
    "git without ls-refs": b"000eversion 2\n0000",
    "a git error": b"0010ERR go away0000",
    "no refs": b"000cnonsense0000",
    "a GraphQL page without end": b'{"data":{"repository":{"releases":{"nodes":[],"pageInfo":'
    b'{"hasNextPage":true,"endCursor":"x"}}}}}',
    "a GraphQL tag that is a list": b'{"data":{"repository":{"releases":{"nodes":[{"tagName":[]}]}}}}',
}  # fmt: skip


def written() -> Iterator[tuple[str, bytes]]:
    """Yield each value in the place of a version, a date and a mark, as JSON, which YAML is too."""
    for number, value in enumerate(VALUES):
        yield f"version {number}", json.dumps({"v": value, "d": "2024-10-16", "p": True}).encode()
        yield f"date {number}", json.dumps({"v": "1.0", "d": value, "p": True}).encode()
        yield f"mark {number}", json.dumps({"v": "1.0", "d": "2024-10-16", "p": value}).encode()
        yield f"among many {number}", json.dumps([{"v": "1.0"}, {"v": value, "d": None}]).encode()
        fields = {"publishedAt": None, "isPrerelease": False, "isDraft": False}
        for name in ("tagName", "publishedAt", "isDraft"):
            node = {"tagName": "1", **fields, name: value}
            page = {"nodes": [node], "pageInfo": {"hasNextPage": False, "endCursor": None}}
            yield f"{name} {number}", json.dumps({"data": {"repository": {"releases": page}}}).encode()


CORPUS = dict(written()) | BODIES


def heard(name: str, body: bytes, content_type: str = "") -> Reading | str:
    """Return what a source makes of the same document, however often it asks: a reading, or the sentence."""
    dialogue = sources.read(SOURCES[name])
    request = next(dialogue)
    try:
        for _ in range(10):
            request = dialogue.send(Document(url=request.url, body=body, content_type=content_type))
    except StopIteration as end:
        return sources.comb(end.value, sources.pattern_of(SOURCES[name]))
    except ParseError as error:
        return str(error)
    raise AssertionError("it asked ten times and was not content")


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 300


@pytest.mark.fault(
    "malformed metadata documents",
    how="values that do not belong there, and bodies of no format, each to every kind of source",
    promise="a sentence or a reading, with effort in proportion to the size",
)
@pytest.mark.parametrize("name", SOURCES)
def test_every_document_ends_in_a_sentence_or_a_reading_in_time(name: str, record_property: Property) -> None:
    record_property("times", len(CORPUS))
    for title, body in CORPUS.items():
        try:
            check(work_of(60, lambda body=body: heard(name, body)))  # type: ignore[misc]
        except Exception as error:
            raise AssertionError(f"{name} stumbles over {title}") from error


CHARSETS = [
    "utf-8",
    "utf-16",
    "utf-7",
    "idna",
    "unicode_escape",
    "zip",
    "rot13",
    "",
    '"',
    "x" * 1000,
    "UTF-8\0",
]


@pytest.mark.fault(
    "a charset that is none",
    how="names of charsets that Python must not try, each to every kind of source",
    promise="a sentence or a reading",
)
@pytest.mark.parametrize("charset", CHARSETS)
def test_no_charset_makes_a_kind_stumble(charset: str, record_property: Property) -> None:
    record_property("times", len(SOURCES))
    for name in SOURCES:
        check(heard(name, b'{"v": "1.0"}', f"text/plain; charset={charset}"))


PIECES = st.sampled_from(
    ["{", "}", "[", "]", '"', "'", ":", ",", "\n", "- ", "v", "v: ", "v = ", '"v"', "1.0", "1", "&a ", "*a",
     "<<: ", "!!", "!x ", "~", "---\n", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>",
     "</feed>", "0000", "0009peel\n", "#", "\0", "\u00e9", "2024-10-16", "\\u", "? ", "|", ">", "=", "%",
     "\ufeff", "null"]
)  # fmt: skip


@pytest.mark.fault(
    "generated documents",
    how="hypothesis puts pieces of all formats together, from a fixed seed; each to every kind of source",
    promise="a sentence or a reading",
)
@pytest.mark.parametrize("documents", [2_000, pytest.param(200_000, marks=pytest.mark.campaign)])
def test_no_document_made_of_pieces_makes_a_kind_stumble(documents: int, record_property: Property) -> None:
    seen = 0

    @settings(deadline=None, max_examples=documents // len(SOURCES) + 1, derandomize=True, database=None)
    @given(pieces=st.lists(PIECES, max_size=12), tail=st.binary(max_size=8))
    def read_by_all(pieces: list[str], tail: bytes) -> None:
        nonlocal seen
        body = "".join(pieces).encode() + tail
        for name in SOURCES:
            check(heard(name, body))
            seen += 1

    read_by_all()
    record_property("times", seen)


@pytest.mark.fault(
    "malformed tags",
    how="each through patterns and through every version scheme",
    promise="no tag stops the reading",
)
def test_no_tag_makes_a_pattern_or_a_scheme_stumble(record_property: Property) -> None:
    tags = [value for value in VALUES if isinstance(value, str)]
    record_property("times", len(tags))
    reading = Reading(releases=tuple(Release(tag=tag) for tag in tags))
    for pattern in (None, r"v?(?P<version>.*)", r"(?s).*", r"(?P<version>\d+)?.*"):
        for release in sources.comb(reading, pattern).releases:
            for name in names():
                scheme_named(name).key(release.version)

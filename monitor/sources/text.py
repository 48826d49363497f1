"""Versions in plain text: its lines, the first of them, or what a regular expression finds in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from monitor.errors import ParseError
from monitor.model import Dialogue, Reading, Release, Request
from monitor.sources import addresses, patterns
from monitor.sources.decoding import beginning, text_of
from monitor.sources.kind import Kind
from monitor.sources.listing import listed
from monitor.versions import LONGEST, excerpt

_MOST_BYTES = 1024 * 1024
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The keys of the kind."""

    url: str = field(metadata={"help": "The document's address, http or https."})
    select: Literal["all", "first", "regex"] = field(
        default="all",
        metadata={"help": "Which lines are versions: all, the first, or what `regex` finds in them."},
    )
    regex: str | None = field(
        default=None,
        metadata={
            "help": "Regular expression sought in the first 256 characters of each line; its group `version`,"
            " or all that it matches, is the version."
        },
    )
    pattern: str | None = field(
        default=None,
        metadata={
            "help": "Regular expression that a version must match whole; its group `version` is compared."
        },
    )
    token: str | None = field(
        default=None, metadata={"help": "Name of a credential that is sent as a bearer token."}
    )


def _read(spec: Text) -> Dialogue:
    document = yield Request(
        url=spec.url, accept="text/plain, */*;q=0.5", credential=spec.token, max_bytes=_MOST_BYTES
    )
    where = addresses.shown(spec.url)
    text = text_of(document, where)
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    if not lines:
        raise ParseError(f"{where} is empty; it should have a version")
    if len(lines) > _MOST_LINES:
        raise ParseError(f"{where} has {len(lines):,} lines; no more than {_MOST_LINES:,} are read")
    tags = _SELECTIONS[spec.select](spec, lines)
    reading = listed((Release(tag=tag) for tag in tags if tag), newest=None, link=addresses.link(spec.url))
    if not reading.releases:
        raise ParseError(f"{where} has {_nothing(spec, reading)}; {beginning(text)}")
    return replace(reading, left_out=(*reading.left_out, *_cut(spec, lines)))


def _nothing(spec: Text, reading: Reading) -> str:
    if reading.left_out:
        return f"no version; {reading.left_out[0]}"
    return f"nothing that {excerpt(spec.regex or '')} finds"


def _cut(spec: Text, lines: Sequence[str]) -> Sequence[str]:
    count = sum(len(line) > LONGEST for line in lines) if spec.select == "regex" else 0
    return (f"of {count:,} long lines only the first {LONGEST} characters were looked at",) if count else ()


def _all(_: Text, lines: Sequence[str]) -> Sequence[str]:
    return lines


def _first(_: Text, lines: Sequence[str]) -> Sequence[str]:
    return lines[:1]


def _regex(spec: Text, lines: Sequence[str]) -> Sequence[str]:
    return patterns.parts_found(spec.regex or "", (line[:LONGEST] for line in lines))


_SELECTIONS: Mapping[str, Callable[[Text, Sequence[str]], Sequence[str]]] = MappingProxyType(
    {"all": _all, "first": _first, "regex": _regex}
)


def _problems(spec: Text) -> tuple[str, ...]:
    found = [("url", addresses.problem_with(spec.url))]
    if spec.select not in _SELECTIONS:
        found.append(("select", f"found {excerpt(spec.select)}; want one of {', '.join(_SELECTIONS)}"))
    if (spec.select == "regex") != (spec.regex is not None):
        found.append(("regex", 'goes with select = "regex", and only with it'))
    for key, pattern in (("regex", spec.regex), ("pattern", spec.pattern)):
        if pattern is not None:
            found.append((key, patterns.problem_with(pattern)))
    return tuple(f"{key}: {what}" for key, what in found if what is not None)


KIND = Kind(
    name="text",
    summary="Versions in plain text: every line, the first, or what a regular expression finds.",
    spec=Text,
    read=_read,
    example='metadata = { kind = "text", url = "https://example.org/LATEST", select = "first" }',
    problems=_problems,
    urls=lambda spec: (spec.url,),
    credentials=lambda spec: () if spec.token is None else (spec.token,),
    has_dates=lambda _: False,
    tells_prereleases=lambda _: False,
    label=lambda spec: addresses.last_part(spec.url),
)

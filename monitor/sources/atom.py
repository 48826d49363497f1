"""GitHub's feed of the ten newest releases (RFC 4287), which needs no token.

It has no mark of pre-releases and no `published`, only `updated`. That is when the release was published,
and later once somebody edits it: a clock that starts there may start late, but never early, and the first
instant seen of a release is what is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote
from xml.parsers import expat

from monitor.errors import ParseError
from monitor.model import Dialogue, Document, Release, Request
from monitor.sources import addresses
from monitor.sources.decoding import beginning, phrase
from monitor.sources.instants import instant_of
from monitor.sources.listing import listed

_FULL = 10
_MOST_BYTES = 4 * 1024 * 1024
_MOST_ENTRIES = 1000
_MOST_TEXT = 4096
_SPACE = "http://www.w3.org/2005/Atom "
_FEED, _ENTRY, _LINK = f"{_SPACE}feed", f"{_SPACE}entry", f"{_SPACE}link"
_TEXTS = {f"{_SPACE}id": "id", f"{_SPACE}updated": "updated"}
_TAG_IN_ID = re.compile(r"tag:[^:/]+:Repository/[0-9]+/(.+)", re.DOTALL)
_TAG_IN_LINK = re.compile(r".*?/releases/tag/(.+)", re.DOTALL)


def read(*, url: str, pages_url: str) -> Dialogue:
    """Ask for the feed and read it; a feed that is not full has every release.

    Raises:
        ParseError: it is not such a feed.
    """
    document = yield Request(url=url, accept="application/atom+xml", max_bytes=_MOST_BYTES)
    where = addresses.shown(url)
    releases = list(_releases(document, where, pages_url))
    return listed(releases, newest=len(releases) if len(releases) >= _FULL else None, link=pages_url)


def _releases(document: Document, where: str, pages_url: str) -> Iterator[Release]:
    for place, entry in enumerate(_Entries(where).of(document.body), 1):
        tag = _tag(entry)
        if not tag:
            raise ParseError(f"{where}: entry {place} has no tag, neither in its id nor in its link")
        yield Release(
            tag=tag,
            published_at=instant_of(entry.get("updated"), f"{where}: `updated` of entry {place}"),
            link=f"{pages_url}/tag/{quote(tag, safe='/', errors='replace')}",
        )


def _tag(entry: dict[str, str]) -> str | None:
    """Return the tag; the id has it as it is, the link escaped. The title is a name that people give."""
    in_id = _TAG_IN_ID.fullmatch(entry.get("id", "").strip())
    if in_id is not None:
        return in_id.group(1)
    in_link = _TAG_IN_LINK.fullmatch(entry.get("link", ""))
    return None if in_link is None else unquote(in_link.group(1))


class _Entries:
    """What is wanted of a feed's entries, gathered without building a tree. No entity is ever declared."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._entries: list[dict[str, str]] = []
        self._path: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def of(self, body: bytes) -> list[dict[str, str]]:
        try:
            self._parser.Parse(body, True)  # noqa: FBT003  (the interface of expat)
        except (expat.ExpatError, ValueError, LookupError) as error:
            start = beginning(body[:200].decode("utf-8", "replace"))
            raise ParseError(f"{self._where} is not an Atom feed ({phrase(str(error))}); {start}") from error
        return self._entries

    def _refuse_doctype(self, *_: object) -> None:
        raise ParseError(f"{self._where} has a document type, which no feed has: this is another page")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._path and name != _FEED:
            raise ParseError(f"{self._where} is not an Atom feed: it is XML of another kind")
        self._path.append(name)
        if self._path == [_FEED, _ENTRY]:
            if len(self._entries) >= _MOST_ENTRIES:
                raise ParseError(f"{self._where} has over {_MOST_ENTRIES} entries; GitHub's have ten")
            self._entries.append({})
        elif name == _LINK and self._is_in_entry() and attributes.get("rel", "alternate") == "alternate":
            self._entries[-1]["link"] = attributes.get("href", "")[:_MOST_TEXT]

    def _end(self, _: str) -> None:
        self._path.pop()

    def _text(self, text: str) -> None:
        name = _TEXTS.get(self._path[-1]) if self._is_in_entry() else None
        if name is not None:
            entry = self._entries[-1]
            entry[name] = (entry.get(name, "") + text)[:_MOST_TEXT]

    def _is_in_entry(self) -> bool:
        """Return whether this is a child of an entry, and not of something within it."""
        return len(self._path) == 3 and self._path[1] == _ENTRY

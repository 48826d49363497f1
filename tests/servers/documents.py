"""Valid documents of every kind of source: what names a version, and what lists releases."""

from __future__ import annotations

import json
from collections.abc import Callable

RELEASES = [("1.0", "2024-01-01T00:00:00Z"), ("1.1", "2024-02-01T00:00:00Z")]
ENTRY = (
    "<entry><id>tag:github.com,2008:Repository/1/{tag}</id><updated>{at}</updated>"
    '<link rel="alternate" href="https://github.com/a/b/releases/tag/{tag}"/></entry>'
)
FEED = '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'


def packets(*lines: bytes) -> bytes:
    """Return what git sends for these lines."""
    return b"".join(b"%04x" % (len(line) + 4) + line for line in lines) + b"0000"


CAPABILITIES = packets(b"# service=git-upload-pack\n") + packets(
    b"version 2\n", b"agent=git/2.39.5\n", b"ls-refs=unborn\n", b"object-format=sha1\n"
)


def _rows() -> str:
    return json.dumps([{"v": tag, "d": at, "p": False} for tag, at in RELEASES])


def _graphql() -> str:
    fields = {"isPrerelease": False, "isDraft": False, "url": "https://github.com/a/b"}
    nodes = [{"tagName": tag, "publishedAt": at, **fields} for tag, at in RELEASES]
    page = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    return json.dumps({"data": {"repository": {"releases": page}}})


METADATA: dict[str, Callable[[str], str]] = {
    "json": lambda tag: json.dumps({"v": tag, "channel": "stable"}),
    "toml": lambda tag: f'v = "{tag}"\n[more]\nchannel = "stable"\n',
    "yaml": lambda tag: f"v: '{tag}'\nmore:\n  channel: &c stable\n  again: *c\n",
    "text": lambda tag: f"{tag}\n",
    "regex": lambda tag: f"# what is out\nlatest = v{tag}\n",
}
"""What names a version; the same for every target that has it as its metadata."""

LISTS: dict[str, bytes] = {
    "json": _rows().encode(),
    "toml": "".join(f'[[r]]\nv = "{tag}"\nd = {at}\np = false\n' for tag, at in RELEASES).encode(),
    "yaml": "".join(f"- v: '{tag}'\n  d: {at}\n  p: no\n" for tag, at in RELEASES).encode(),
    "text": "".join(f"{tag}\n" for tag, _ in RELEASES).encode(),
    "atom": FEED.format("".join(ENTRY.format(tag=tag, at=at) for tag, at in RELEASES)).encode(),
    "graphql": _graphql().encode(),
    "capabilities": CAPABILITIES,
    "git": packets(*(b"1" * 40 + f" refs/tags/{tag}\n".encode() for tag, _ in RELEASES)),
}
"""What lists the releases; git's list is asked for once its capabilities are known."""

"""The tags of a git repository, asked for as git itself does over HTTP, without git.

Protocol version 2 (gitprotocol-v2, gitprotocol-http): the capabilities first, then `ls-refs` for what
begins with refs/tags/. A server that knows only versions 0 or 1 sends all refs in its first answer, and
that is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from monitor.errors import ParseError
from monitor.model import Dialogue, Document, Release, Request
from monitor.sources import addresses
from monitor.sources.decoding import beginning
from monitor.sources.kind import Kind
from monitor.sources.listing import listed
from monitor.sources.pktline import DELIMITER, FLUSH, lines_of, packed
from monitor.versions import excerpt

_MOST_BYTES = 16 * 1024 * 1024
_ADVERTISED = "/info/refs?service=git-upload-pack"
_ASKED = "/git-upload-pack"
_VERSION_2 = {"Git-Protocol": "version=2"}
_TAGS = b"refs/tags/"
_PEELED = b"^{}"
_FORMATS = (b"sha1", b"sha256")
_PACKET = re.compile(rb"[0-9a-fA-F]{4}")
_DUMB = re.compile(rb"[0-9a-f]{40,64}\t")
# In protocol 2 a ref may be `unborn`; attributes follow a space, and the old protocol's capabilities a NUL.
_REF = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64}|unborn) ([^ \0]+)")
# What the old protocol says of an empty repository and of a shallow one, and the first line of version 1.
_NO_REFS = (b"0" * 40, b"shallow ", b"version 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The keys of the kind."""

    url: str = field(metadata={"help": "The repository's address, as for git clone over http or https."})


def _read(spec: Git) -> Dialogue:
    base, where = spec.url.rstrip("/"), addresses.shown(spec.url)
    advertised = yield Request(
        url=base + _ADVERTISED, accept="*/*", headers=_VERSION_2, max_bytes=_MOST_BYTES
    )
    lines = _advertisement(advertised, where)
    if lines[:1] == [b"version 2"]:
        asked = yield _ls_refs(_base_of(advertised, base), _object_format(lines[1:], where))
        lines = lines_of(asked.body, where)
    releases = (Release(tag=name) for name in _tags(lines, where))
    return listed(releases, newest=None, link=addresses.link(base).removesuffix(".git"))


def _advertisement(document: Document, where: str) -> list[bytes]:
    """Return the lines of the first answer, without the name of the service that most servers begin with."""
    if _DUMB.match(document.body) is not None:
        raise ParseError(f"{where} knows git's dumb protocol only; its tags cannot be asked for")
    if _PACKET.match(document.body) is None:
        start = beginning(document.body[:200].decode("utf-8", "replace"))
        raise ParseError(f"{where} is no git repository over smart HTTP; {start}")
    lines = lines_of(document.body, where)
    return lines[1:] if lines and lines[0].startswith(b"# service=") else lines


def _base_of(advertised: Document, base: str) -> str:
    """Return where to ask on: a repository that has moved is asked at its new address, as git does."""
    return advertised.url.removesuffix(_ADVERTISED) if advertised.url.endswith(_ADVERTISED) else base


def _object_format(capabilities: Sequence[bytes], where: str) -> bytes:
    """Return the hash that the repository uses; the server wants to be told it."""
    named = dict(capability.partition(b"=")[::2] for capability in capabilities)
    if b"ls-refs" not in named:
        raise ParseError(f"{where} speaks git's protocol 2 without `ls-refs`: its tags cannot be asked for")
    found = named.get(b"object-format", b"sha1")
    if found not in _FORMATS:
        raise ParseError(f"{where} names its objects by {excerpt(found.decode('ascii', 'replace'))}")
    return found


def _ls_refs(base: str, object_format: bytes) -> Request:
    return Request(
        url=base + _ASKED,
        accept="application/x-git-upload-pack-result",
        headers={**_VERSION_2, "Content-Type": "application/x-git-upload-pack-request"},
        body=packed(
            b"command=ls-refs\n",
            b"object-format=" + object_format + b"\n",
            DELIMITER,
            b"peel\n",
            b"ref-prefix " + _TAGS + b"\n",
            FLUSH,
        ),
        max_bytes=_MOST_BYTES,
    )


def _tags(lines: Sequence[bytes], where: str) -> Iterator[str]:
    """Yield the tags among refs: `<id> <name>`, then attributes, or in the old protocol NUL and capabilities.

    The old protocol lists what an annotated tag points to as one ref more, with `^{}` behind its name.
    """
    for line in lines:
        if line.startswith(_NO_REFS):
            continue
        match = _REF.match(line)
        if match is None:
            raise ParseError(
                f"{where} sent {excerpt(line[:80].decode('utf-8', 'replace'))} where a ref should be"
            )
        name = match.group(1)
        if name.startswith(_TAGS) and not name.endswith(_PEELED):
            yield name.removeprefix(_TAGS).decode("utf-8", "surrogateescape")


def _problems(spec: Git) -> tuple[str, ...]:
    what = addresses.problem_with(spec.url) or ("has a query (?…)" if "?" in spec.url else None)
    return () if what is None else (f"url: {what}",)


KIND = Kind(
    name="git",
    summary="The tags of a git repository over HTTP, which have no dates: they count from first sight.",
    spec=Git,
    read=_read,
    example='releases = { kind = "git", url = "https://github.com/astral-sh/python-build-standalone.git" }',
    problems=_problems,
    urls=lambda spec: (spec.url.rstrip("/") + _ADVERTISED, spec.url.rstrip("/") + _ASKED),
    credentials=lambda _: (),
    has_dates=lambda _: False,
    tells_prereleases=lambda _: False,
    label=lambda spec: f"tags of {addresses.last_part(spec.url).removesuffix('.git')}",
)

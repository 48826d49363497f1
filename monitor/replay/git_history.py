"""The history of a file in a git repository, and of the repository's tags, as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from monitor import sources
from monitor.errors import ConfigError, ParseError
from monitor.model import Document, Failure, Reading, Reason, SinceClock, Source
from monitor.replay.files import history_of
from monitor.replay.histories import RowHistory
from monitor.replay.repository import Repository, Show, fetch_contents, local_path, opened
from monitor.replay.rows import Row, Rows, Word
from monitor.versions import excerpt

_KINDS = {".json": "json", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
_GONE = Failure(reason=Reason.REFUSED, sentence="the file is not in the repository")
_NO_BLOB = re.compile(r"0{40,64}")
_NAME = re.compile(r"[^-\x00-\x20\x7f~^:?*\[\\][^\x00-\x20\x7f~^:?*\[\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the metadata is: a repository (a path or an URL), a branch of it (None for its own), a file."""

    repository: str
    file: str
    branch: str | None = None
    path: str | None = None
    pattern: str | None = None

    @property
    def source(self) -> Source:
        """The source that reads the file; its kind goes by the file's name, as it does for an URL.

        Raises:
            ConfigError: the kind needs what is not given.
        """
        ending = next((kind for end, kind in _KINDS.items() if self.file.lower().endswith(end)), None)
        kind = sources.kind_named(ending or ("json" if self.path else "text"))
        if kind.name != "text" and self.path is None:
            raise ConfigError((f"say where in {self.file} the version is: --path JSONPATH",))
        keys: dict[str, Any] = {"url": f"https://localhost/{quote(self.file)}", "pattern": self.pattern}
        spec = kind.spec(**keys) if kind.name == "text" else kind.spec(**keys, path=self.path)
        problems = kind.problems(spec)
        if problems:
            raise ConfigError(problems)
        return Source(kind=kind.name, spec=spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    at: datetime
    blob: str | None


def git_history(
    place: Place,
    *,
    name: str | None = None,
    until_at: datetime | None = None,
    show: Show = lambda _: None,
) -> RowHistory:
    """Return the history of the file on the branch's first parents, and of all tags.

    Raises:
        ConfigError: `place` cannot be used.
        ParseError: the repository cannot be read, or has no such branch or file.
    """
    source = place.source
    if place.branch is not None and not _NAME.fullmatch(place.branch):
        raise ConfigError((f"{excerpt(place.branch)} is no name of a branch",))
    with opened(place.repository, place.branch, show) as (of_branch, of_tags, branch):
        changes = _changes(of_branch, branch, place)
        contents = _contents(of_branch, changes, show)
        tags, dateless = _tags(of_tags)
    metadata = list(_metadata(changes, contents, source))
    rows = sorted((*tags, *metadata), key=lambda row: row.at)
    notes = [f"{dateless} tags have no date and are left out"] if dateless else []
    if any(after.at < before.at for before, after in pairwise(changes)):
        notes.append(
            "commits of the file are not in order of their time; each counts from the latest before it"
        )
    path = local_path(place.repository)
    known = (path.name if path is not None else place.repository.rstrip("/").rpartition("/")[2]).removesuffix(
        ".git"
    )
    read = Rows(rows=tuple(rows), notes=tuple(notes))
    return history_of(read, name=name or known or "history", pattern=place.pattern, until_at=until_at)


def _changes(repository: Repository, branch: str, place: Place) -> Sequence[_Change]:
    """Return what became of the file, the oldest first, on the first parents alone."""
    said = repository.ask(
        "log",
        "--first-parent",
        "--diff-merges=first-parent",
        "--reverse",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--format=@%ct",
        "--end-of-options",
        branch,
        "--",
        f":(literal,top){place.file}",
    )
    changes = []
    at = datetime.fromtimestamp(0, UTC)
    for line in said.decode(errors="replace").splitlines():
        if line.startswith("@"):
            at = datetime.fromtimestamp(int(line[1:]), UTC)
        elif line.startswith(":"):
            blob = line.split()[3]
            changes.append(_Change(at=at, blob=None if _NO_BLOB.fullmatch(blob) else blob))
    if not changes:
        raise ParseError(f"{place.repository} has no history of {excerpt(place.file)} on {branch}")
    return changes


def _contents(repository: Repository, changes: Sequence[_Change], show: Show) -> Mapping[str, bytes]:
    blobs = tuple(dict.fromkeys(change.blob for change in changes if change.blob is not None))
    fetch_contents(repository, blobs, show)
    said = repository.ask("cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    return dict(_batched(said))


def _batched(said: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what `cat-file --batch` prints: a line with the size, and the content."""
    place = 0
    while place < len(said):
        end = said.index(b"\n", place)
        words = said[place:end].decode().split()
        place = end + 1
        if len(words) != 3 or words[1] != "blob":
            continue
        size = int(words[2])
        yield words[0], said[place : place + size]
        place += size + 1


def _metadata(changes: Sequence[_Change], contents: Mapping[str, bytes], source: Source) -> Iterator[Row]:
    at = changes[0].at
    for change in changes:
        at = max(at, change.at)
        said = _said(None if change.blob is None else contents.get(change.blob), source)
        value = said.releases[0].tag if isinstance(said, Reading) and len(said.releases) == 1 else ""
        yield Row(at=at, word=Word.METADATA, value=value, known_by=SinceClock.COMMITTED, said=said)


def _said(body: bytes | None, source: Source) -> Reading | Failure:
    """Return what the source's kind makes of the file, as if a server had sent it."""
    if body is None:
        return _GONE
    dialogue = sources.read(source)
    try:
        request = next(dialogue)
        dialogue.send(Document(url=request.url, body=body))
    except StopIteration as end:
        reading: Reading = end.value
        return replace(reading, link=None)
    except ParseError as error:
        return Failure(reason=Reason.MALFORMED, sentence=str(error).removeprefix("https://localhost/"))
    raise AssertionError(f"the kind {source.kind} asks for more than one document")


def _tags(repository: Repository) -> tuple[Sequence[Row], int]:
    """Return a row a tag, and how many have no date.

    An annotated tag has a date of its own; a lightweight one has that of its commit, a lower bound.
    """
    said = repository.ask(
        "for-each-ref",
        "--format=%(refname:strip=2)%00%(taggerdate:unix)%00%(committerdate:unix)%00%(*committerdate:unix)",
        "refs/tags",
    )
    rows = []
    dateless = 0
    for line in said.decode(errors="replace").splitlines():
        tag, tagged, committed, peeled = line.split("\0")
        date = tagged or committed or peeled
        if not date:
            dateless += 1
            continue
        known_by = SinceClock.TAGGED if tagged else SinceClock.COMMITTED
        at = datetime.fromtimestamp(int(date), UTC)
        rows.append(Row(at=at, word=Word.RELEASE, value=tag, known_by=known_by))
    return rows, dateless

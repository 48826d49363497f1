"""The kind `git` against git's own server, run as the CGI that web servers run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from monitor import sources
from monitor.model import Document, Reading, Request, Source

pytestmark = pytest.mark.real

PERSON = {
    f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"], **PERSON}


def git(*arguments: str | Path, body: bytes = b"") -> str:
    done = subprocess.run(["git", *arguments], input=body, env=QUIET, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "widget.git"
    git("init", "-q", "--bare", f"--object-format={request.param}", path)
    return path


def tag(path: Path) -> None:
    """Give the repository a branch, a lightweight tag and an annotated one."""
    commit = git("-C", path, "commit-tree", git("-C", path, "mktree"), "-m", "a commit")
    git("-C", path, "update-ref", "refs/heads/main", commit)
    git("-C", path, "tag", "v1.0", commit)
    git("-C", path, "tag", "-a", "-m", "a tag", "v2/\u00e9", commit)


def served(root: Path, request: Request, protocol: str) -> Document:
    address = urlsplit(request.url)
    variables = {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "REQUEST_METHOD": "GET" if request.body is None else "POST",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body or b"")),
        "GIT_PROTOCOL": protocol or request.headers["Git-Protocol"],
    }
    answer = subprocess.run(
        ["git", "http-backend"],
        input=request.body or b"",
        env=QUIET | variables,
        capture_output=True,
        check=True,
    )
    head, _, body = answer.stdout.partition(b"\r\n\r\n")
    assert b"Status:" not in head, head
    return Document(url=request.url, body=body)


def read(root: Path, protocol: str) -> tuple[Reading, int]:
    spec = sources.kind_named("git").spec(url="https://git.example.org/widget.git")
    dialogue = sources.read(Source(kind="git", spec=spec))
    request, asked = next(dialogue), 1
    while True:
        try:
            request, asked = dialogue.send(served(root, request, protocol)), asked + 1
        except StopIteration as end:
            return end.value, asked


PROTOCOLS = [
    pytest.param("", 2, id="version 2"),
    pytest.param("version=1", 1, id="version 1"),
    pytest.param("version=0", 1, id="version 0"),
]


@pytest.mark.parametrize(("protocol", "requests"), PROTOCOLS)
def test_the_tags_of_a_real_repository_are_read(repository: Path, protocol: str, requests: int) -> None:
    tag(repository)
    reading, asked = read(repository.parent, protocol)
    assert [release.tag for release in reading.releases] == ["v1.0", "v2/\u00e9"]
    assert reading.is_complete
    assert asked == requests


@pytest.mark.parametrize(("protocol", "requests"), PROTOCOLS)
def test_an_empty_repository_is_read(repository: Path, protocol: str, requests: int) -> None:
    reading, asked = read(repository.parent, protocol)
    assert reading.releases == ()
    assert asked == requests

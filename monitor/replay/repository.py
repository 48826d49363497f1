"""The git binary, asked to read and to do nothing else: no hooks, no prompts, no configuration but ours."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from monitor.errors import ParseError
from monitor.versions import excerpt

Show = Callable[[str], None]
PATIENCE = timedelta(minutes=10)
BRANCH = "refs/heads/watched"
# What a company's network needs; nothing else of our surroundings reaches git.
_KEPT = (
    "PATH",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
)
_OURS = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
# A repository's own configuration may name programs to run: hooks, monitors, signature checks.
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "log.showSignature=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.recurseSubmodules=false",
    "protocol.version=2",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository on this machine; `protocols` are those by which git may talk to another one, if any."""

    folder: Path
    protocols: str = "none"

    def ask(self, *arguments: str, given: bytes = b"") -> bytes:
        """Return what git prints.

        Raises:
            ParseError: git refuses, is not there, or takes too long.
        """
        command = [*_command(self.folder), *arguments]
        try:
            done = subprocess.run(  # noqa: S603 (a list, and every name in it is checked)
                command,
                input=given,
                capture_output=True,
                check=False,
                env=_environment(self.protocols),
                timeout=PATIENCE.total_seconds(),
            )
        except FileNotFoundError as error:
            raise ParseError("there is no git on this machine; install it, or use --csv") from error
        except subprocess.TimeoutExpired as error:
            raise ParseError(f"git {arguments[0]} took longer than {PATIENCE}") from error
        if done.returncode != 0:
            raise ParseError(f"git cannot read {self.folder}: {_why(done.stderr)}")
        return done.stdout

    def fetch(self, *arguments: str, given: bytes = b"", show: Show) -> None:
        """Fetch, showing the lines by which git says how far it is.

        Raises:
            ParseError: nothing came.
        """
        command = [*_command(self.folder), "fetch", "--no-tags", "--progress", *arguments]
        try:
            process = subprocess.Popen(  # noqa: S603 git, with arguments of ours
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=_environment(self.protocols),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ParseError("there is no git on this machine; install it, or use --csv") from error
        said = _followed(process, given, show)
        if process.returncode != 0:
            raise ParseError(f"git cannot fetch the repository: {_why(said)}")


def _followed(process: subprocess.Popen[bytes], given: bytes, show: Show) -> bytes:
    """Return the end of what git says while it fetches."""
    alarm = threading.Timer(PATIENCE.total_seconds(), process.kill)
    alarm.start()
    said = b""
    try:
        if process.stdin is None or process.stderr is None:
            raise AssertionError("both are pipes")
        process.stdin.write(given)
        process.stdin.close()
        while piece := os.read(process.stderr.fileno(), 4096):
            said = (said + piece)[-8192:]
            show(said.replace(b"\r", b"\n").rstrip().rpartition(b"\n")[2].decode(errors="replace"))
        process.wait()
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
    return said


def _command(folder: Path) -> list[str]:
    # Whoever names a repository may read it, whoever owns it: nothing of it is run.
    settings = (*_SETTINGS, f"safe.directory={folder}")
    return ["git", "--no-pager", "-C", str(folder), *(each for one in settings for each in ("-c", one))]


def _environment(protocols: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **_OURS, "GIT_ALLOW_PROTOCOL": protocols, "HOME": os.devnull}


def _why(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").replace("\r", "\n").splitlines()]
    marked = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    return marked[0].partition(": ")[2] or marked[0] if marked else "it does not say why"


@contextmanager
def opened(place: str, branch: str | None, show: Show) -> Iterator[tuple[Repository, Repository, str]]:
    """Give the repository that has the branch, the one that has the tags, and the branch's name.

    A path is read where it is. What an URL names is fetched into a folder of our own for the time being:
    the history of the branch without any content, and of each tag no more than its commit.

    Raises:
        ParseError: there is none, or it cannot be fetched.
    """
    path = local_path(place)
    if path is not None:
        repository = _local(path)
        yield repository, repository, _found(repository, branch)
        return
    with tempfile.TemporaryDirectory(prefix="tagdrift-") as folder:
        yield (*_fetched(Path(folder), _address(place), branch, show), BRANCH)


def local_path(place: str) -> Path | None:
    """Return the folder that is meant, None where it is an URL of another machine."""
    if place.startswith("file://"):
        return Path(unquote(place.removeprefix("file://"))).absolute()
    return None if "://" in place else Path(place).absolute()


def _found(repository: Repository, branch: str | None) -> str:
    """Return the full name of the branch, which a clone may only know as its origin's.

    Raises:
        ParseError: there is none.
    """
    if branch is None:
        return "HEAD"
    names = (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}", f"refs/remotes/{branch}")
    known = repository.ask("for-each-ref", "--format=%(refname)", *names).decode(errors="replace").split()
    found = next((name for name in names if name in known), None)
    if found is None:
        raise ParseError(f"{repository.folder} has no branch {excerpt(branch)}")
    return found


def _local(path: Path) -> Repository:
    if not path.is_dir():
        raise ParseError(f"{path} is no folder; want a git repository, or an URL like https://…")
    repository = Repository(folder=path.absolute())
    repository.ask("rev-parse", "--git-dir")
    return repository


def _address(place: str) -> str:
    try:
        parts = urlsplit(place)
    except ValueError as error:
        raise ParseError(f"{excerpt(place)} is no URL") from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise ParseError(f"{excerpt(place)} cannot be fetched; want http or https, or a path on this machine")
    return place


def _fetched(folder: Path, url: str, branch: str | None, show: Show) -> tuple[Repository, Repository]:
    repositories = []
    for name in ("branch", "tags"):
        (folder / name).mkdir()
        repository = Repository(folder=folder / name, protocols="http:https")
        repository.ask("init", "--quiet", "--bare", ".")
        repository.ask("remote", "add", "origin", url)
        repositories.append(repository)
    wanted = f"refs/heads/{branch}" if branch else "HEAD"
    of_branch, of_tags = repositories
    of_branch.fetch("--filter=blob:none", "origin", f"+{wanted}:{BRANCH}", show=show)
    of_tags.fetch("--filter=tree:0", "--depth=1", "origin", "+refs/tags/*:refs/tags/*", show=show)
    return of_branch, of_tags


def fetch_contents(repository: Repository, blobs: Sequence[str], show: Show) -> None:
    """Fetch these contents, where the repository has its history without them.

    Raises:
        ParseError: they do not come.
    """
    if repository.protocols == "none" or not blobs:
        return
    given = "".join(f"{blob}\n" for blob in blobs).encode()
    repository.fetch(
        "--filter=blob:none", "--no-write-fetch-head", "--stdin", "origin", given=given, show=show
    )

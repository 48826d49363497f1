"""Histories out of git repositories that are made here: what counts as a change, and what dates it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from monitor.errors import ConfigError, ParseError
from monitor.model import Failure, Policy, SinceClock
from monitor.replay import Place, RowHistory, Word, git_history, with_publications
from tests.replaying import at, in_short
from tests.servers.repositories import QUIET, Backend


@dataclass
class Repository:
    """A repository in the making; `when` is the committer's time."""

    folder: Path

    def git(self, *arguments: str, when: str = "2024-01-01 00:00") -> str:
        dates = {"GIT_COMMITTER_DATE": f"{when}:00 +0000", "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"}
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, env={**QUIET, **dates}, check=True, capture_output=True, text=True)
        return done.stdout

    def commit(self, when: str, **files: str | None) -> None:
        for name, content in files.items():
            path = self.folder / name.replace("_", ".")
            if content is None:
                path.unlink()
            else:
                path.write_text(content)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "a change", when=when)

    def history(self, **keys: str | None) -> RowHistory:
        place = {"repository": str(self.folder), "file": "latest.json", "path": "$.tag", **keys}
        return git_history(Place(**place))  # type: ignore[arg-type]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "widget")
    made.folder.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit("2024-01-01 00:00", latest_json='{"tag": "v1.0.0"}')
    made.git("tag", "v1.0.0")
    return made


def metadata(history: RowHistory) -> list[tuple[str, str]]:
    return [(f"{row.at:%m-%d %H:%M}", row.value) for row in history.rows if row.word is Word.METADATA]


def releases(history: RowHistory) -> list[tuple[str, str, SinceClock]]:
    found = (row for row in history.rows if row.word is Word.RELEASE)
    return [(f"{row.at:%m-%d %H:%M}", row.value, row.known_by) for row in found]


def test_the_files_changes_and_the_tags_are_a_history(repository: Repository) -> None:
    repository.commit("2024-01-05 00:00")
    repository.git("tag", "v1.1.0")
    repository.commit("2024-01-05 09:00", latest_json='{"tag": "v1.1.0"}')
    history = repository.history()
    assert history.name == "widget"
    assert metadata(history) == [("01-01 00:00", "v1.0.0"), ("01-05 09:00", "v1.1.0")]
    told = in_short(history.play(lambda policy: policy).alerts)
    assert told == ["behind 01-05 00:00 committed -> 01-05 02:00 .. 01-05 09:00 1.0.0 < 1.1.0 (1)"]


def test_an_annotated_tag_has_a_date_of_its_own(repository: Repository) -> None:
    repository.commit("2024-01-05 00:00")
    repository.git("tag", "-a", "-m", "a release", "v1.1.0", when="2024-01-06 03:00")
    assert releases(repository.history()) == [
        ("01-01 00:00", "v1.0.0", SinceClock.COMMITTED),
        ("01-06 03:00", "v1.1.0", SinceClock.TAGGED),
    ]


def test_a_tag_of_no_commit_is_left_out_and_counted(repository: Repository) -> None:
    blob = repository.git("rev-parse", "HEAD:latest.json").strip()
    repository.git("tag", "odd", blob)
    history = repository.history()
    assert [tag for _, tag, _ in releases(history)] == ["v1.0.0"]
    assert history.notes == ("1 tags have no date and are left out",)


def test_a_merge_counts_when_it_was_merged(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("2024-01-03 00:00", latest_json='{"tag": "v1.0.5"}')
    repository.commit("2024-01-04 00:00", latest_json='{"tag": "v1.1.0"}')
    repository.git("checkout", "-q", "main")
    repository.commit("2024-01-02 00:00", other_txt="x")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic", when="2024-01-07 00:00")
    assert metadata(repository.history()) == [("01-01 00:00", "v1.0.0"), ("01-07 00:00", "v1.1.0")]


def test_a_branch_of_its_own_and_a_bare_repository(repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "-q", "--orphan", "latest-release")
    repository.commit("2024-01-05 00:00", latest_json='{"tag": "v1.1.0"}')
    repository.git("checkout", "-q", "main")
    bare = tmp_path / "bare.git"
    repository.git("clone", "-q", "--bare", str(repository.folder), str(bare))
    history = Repository(bare).history(branch="latest-release")
    assert (history.name, metadata(history)) == ("bare", [("01-05 00:00", "v1.1.0")])


def test_a_clone_knows_the_branch_as_its_origins(repository: Repository, tmp_path: Path) -> None:
    repository.git("branch", "latest-release")
    repository.git("clone", "-q", str(repository.folder), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    for branch in ("latest-release", "origin/latest-release"):
        assert metadata(clone.history(branch=branch)) == [("01-01 00:00", "v1.0.0")]
    assert clone.history(repository=f"file://{tmp_path}/clone").name == "clone"


def test_what_the_file_said_is_read_by_its_kind(repository: Repository) -> None:
    repository.commit("2024-01-02 00:00", latest_json="not JSON at all")
    repository.commit("2024-01-03 00:00", latest_json=None)
    repository.commit("2024-01-04 00:00", latest_json='{"tag": ["v1.0.0", "v2.0.0"]}')
    rows = [row for row in repository.history().rows if row.word is Word.METADATA]
    said = [row.said.reason.value if isinstance(row.said, Failure) else "read" for row in rows]
    assert said == ["read", "malformed", "refused", "malformed"]
    several = [row for row in repository.history(path="$.tag[*]").rows if row.word is Word.METADATA]
    assert [release.tag for release in several[-1].said.releases] == ["v1.0.0", "v2.0.0"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("file", "content", "path"),
    [
        ("VERSION", "v1.2.0\n", None),
        ("latest.toml", 'tag = "v1.2.0"\n', "$.tag"),
        ("latest.yaml", "tag: v1.2.0\n", "$.tag"),
        ("latest", '{"tag": "v1.2.0"}', "$.tag"),
        ("a folder/ä.json", '{"tag": "v1.2.0"}', "$.tag"),
    ],
)
def test_the_kind_goes_by_the_files_name(
    repository: Repository, file: str, content: str, path: str | None
) -> None:
    (repository.folder / file).parent.mkdir(exist_ok=True)
    (repository.folder / file).write_text(content)
    repository.commit("2024-01-02 00:00")
    assert metadata(repository.history(file=file, path=path)) == [("01-02 00:00", "v1.2.0")]


def test_commits_out_of_order_keep_the_order_of_the_branch(repository: Repository) -> None:
    repository.commit("2024-01-05 00:00", latest_json='{"tag": "v1.1.0"}')
    repository.commit("2024-01-03 00:00", latest_json='{"tag": "v1.2.0"}')
    history = repository.history()
    assert metadata(history)[1:] == [("01-05 00:00", "v1.1.0"), ("01-05 00:00", "v1.2.0")]
    assert history.notes == (
        "commits of the file are not in order of their time; each counts from the latest before it",
    )


def test_publications_replace_the_dates_of_tags(repository: Repository, tmp_path: Path) -> None:
    repository.commit("2024-01-05 00:00")
    repository.git("tag", "v1.1.0")
    repository.commit("2024-01-05 09:00", latest_json='{"tag": "v1.1.0"}')
    dates = tmp_path / "published.csv"
    dates.write_text("time_utc,source,value\n2024-01-05T08:50:00Z,release,v1.1.0\n2024-01-09,release,v9\n")
    history = with_publications(repository.history(), dates)
    assert releases(history)[1] == ("01-05 08:50", "v1.1.0", SinceClock.PUBLISHED)
    assert history.notes == ("1 of 2 releases are dated by their publication in published.csv",)
    assert history.play(lambda _: Policy()).alerts == ()
    dates.write_text("time_utc,source,value\n2024-01-05T08:50:00Z,release,1.1.0\n")
    with pytest.raises(ParseError, match=r"no publication of any of the 2 releases"):
        with_publications(history, dates)


def test_a_repository_cannot_make_us_run_anything(repository: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program", "diff.external"):
        repository.git("config", key, str(trap))
    repository.git("config", "log.showSignature", "true")
    hooks = repository.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "post-index-change").symlink_to(trap)
    assert metadata(repository.history())
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("keys", "error", "sentence"),
    [
        ({"repository": "/nowhere"}, ParseError, "/nowhere is no folder; want a git repository, or an URL"),
        ({"repository": "ssh://host/x"}, ParseError, "'ssh://host/x' cannot be fetched; want http or https"),
        ({"repository": "https://"}, ParseError, "'https://' cannot be fetched"),
        ({"repository": "http://[x"}, ParseError, "'http://[x' is no URL"),
        ({"repository": "{tmp}"}, ParseError, "not a git repository"),
        ({"branch": "none"}, ParseError, "has no branch 'none'"),
        ({"branch": "--output=x"}, ConfigError, "'--output=x' is no name of a branch"),
        ({"file": "other.json"}, ParseError, "has no history of 'other.json' on HEAD"),
        ({"path": None}, ConfigError, "say where in latest.json the version is: --path JSONPATH"),
        ({"path": "$["}, ConfigError, "path: "),
    ],
    ids=lambda value: None,
)
def test_what_cannot_be_read_is_told(
    repository: Repository, tmp_path: Path, keys: dict[str, str], error: type[Exception], sentence: str
) -> None:
    keys = {key: value and value.replace("{tmp}", str(tmp_path)) for key, value in keys.items()}
    with pytest.raises(error) as refused:
        repository.history(**keys)
    assert sentence in str(refused.value)


# --- over smart HTTP -----------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    handler = type("Here", (Backend,), {"root": tmp_path})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("filters", ["true", "false"])
def test_a_repository_is_fetched_over_http(repository: Repository, served: str, filters: str) -> None:
    repository.commit("2024-01-05 00:00")
    repository.git("tag", "-a", "-m", "a release", "v1.1.0", when="2024-01-05 01:00")
    repository.commit("2024-01-05 09:00", latest_json='{"tag": "v1.1.0"}')
    repository.git("config", "uploadpack.allowFilter", filters)
    lines: list[str] = []
    place = Place(repository=f"{served}/widget/.git", file="latest.json", path="$.tag", branch="main")
    history = git_history(place, name="widget", show=lines.append)
    assert metadata(history) == [("01-01 00:00", "v1.0.0"), ("01-05 09:00", "v1.1.0")]
    assert releases(history)[-1] == ("01-05 01:00", "v1.1.0", SinceClock.TAGGED)
    assert any(lines)
    assert history.rows == repository.history().rows
    assert not history.notes
    assert at("2024-01-05 09:00") == history.rows[-1].at


def test_what_cannot_be_fetched_is_told(served: str) -> None:
    with pytest.raises(ParseError, match=r"git cannot fetch the repository: repository .* not found"):
        git_history(Place(repository=f"{served}/nothing", file="VERSION"))

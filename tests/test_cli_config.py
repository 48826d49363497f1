"""`tagdrift config` and `tagdrift kinds`, as a person types them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from monitor.cli import tagdrift
from tests.configured import OPS, RECEIVER, TARGET, written

FLAGS = ["--github", "owner/name", "--metadata", "https://meta.example/latest.json", "--path", "$.tag"]


def run(*line: str | Path, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(tagdrift, [str(word) for word in line])


# --- init ----------------------------------------------------------------------------------------


def test_init_writes_a_configuration_that_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    done = run("config", "init", *FLAGS, "--token-env", "T", "--threshold", "1h", "--config", path)
    assert (done.exit_code, done.output) == (
        0,
        f"wrote {path}; next: tagdrift config check --config {path}\n",
    )
    assert tomllib.loads(path.read_text())["targets"]["name"]["threshold"] == "1h"
    assert run("config", "check", "--config", path, T="token").exit_code == 0


def test_init_writes_where_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert run("config", "init", *FLAGS, "--output", path).exit_code == 0
    assert path.exists()
    done = run("config", "init", *FLAGS, "--output", "-")
    assert done.output == path.read_text()


def test_init_leaves_alone_what_is_there(tmp_path: Path) -> None:
    path = written(tmp_path, "# mine")
    done = run("--config", path, "config", "init", *FLAGS)
    assert done.exit_code == 1
    assert (
        done.stderr == f"tagdrift: {path} is there already, and is left alone; name another with --output\n"
    )
    assert path.read_text() == "# mine"


def test_init_says_why_it_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "none" / "config.toml"
    done = run("config", "init", *FLAGS, "--config", path)
    assert (done.exit_code, done.stderr) == (
        1,
        f"tagdrift: {path} cannot be written: No such file or directory\n",
    )


def test_init_without_flags_says_which_it_needs() -> None:
    done = run("config", "init", "--output", "-")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "tagdrift: say where the releases are: either --github OWNER/NAME or --git URL\n"


# --- check ---------------------------------------------------------------------------------------


def test_check_says_every_problem_and_leaves_with_2(tmp_path: Path) -> None:
    path = written(tmp_path, f'[receivers.odd]\nurl = {{ env = "ODD" }}\n{TARGET}treshold = "1h"\n')
    done = run("config", "check", "--config", path, ODD="nosuch://cAnArY")
    assert done.exit_code == 2
    assert done.stdout == (
        "problem: targets.a.treshold: there is no such key; did you mean threshold?\n"
        "problem: receivers.odd.url: not an address Apprise understands\n"
    )
    assert done.stderr == f"tagdrift: {path} cannot be used: 2 problems\n"


def test_check_says_what_will_surprise_and_leaves_with_0(tmp_path: Path) -> None:
    path = written(tmp_path, f'{RECEIVER}{TARGET}threshold = "1m"\nprereleases = true\n')
    done = run("config", "check", "--config", path, OPS=OPS)
    assert done.exit_code == 0
    warning, verdict = done.stdout.splitlines()
    assert warning.startswith("warning: targets.a.threshold: 1m is less than the interval of 5m, by which")
    assert verdict == f"{path} can be used: 1 target, 1 receiver, 1 warning"


@pytest.mark.parametrize(("threshold", "is_usable"), [("1h", True), ("soon", False)])
def test_check_speaks_to_machines(tmp_path: Path, threshold: str, *, is_usable: bool) -> None:
    path = written(tmp_path, f'{TARGET}threshold = "{threshold}"\nprereleases = true\n')
    done = run("config", "check", "--format", "json", "--config", path)
    found = json.loads(done.stdout)
    assert done.exit_code == (0 if is_usable else 2)
    assert found["file"] == str(path)
    assert found["usable"] is is_usable
    assert found["warnings"] == (["receivers: there is none, so nobody will be told"] if is_usable else [])
    assert (found["problems"] == []) is is_usable


# --- show and schema -----------------------------------------------------------------------------


def test_show_prints_what_is_in_force_without_fetching_a_secret(tmp_path: Path) -> None:
    path = written(tmp_path, RECEIVER + TARGET)
    shown = tomllib.loads(run("config", "show", "--config", path).stdout)
    assert shown["receivers"]["ops"]["url"] == {"env": "OPS"}
    assert shown["targets"]["a"]["interval"] == "5m"
    assert json.loads(run("config", "show", "--config", path, "--format", "json").stdout) == shown


def test_schema_prints_one(tmp_path: Path) -> None:
    schema = json.loads(run("config", "schema").stdout)
    jsonschema.Draft202012Validator(schema).validate(tomllib.loads(TARGET))


# --- kinds ---------------------------------------------------------------------------------------


def test_kinds_lists_them_all() -> None:
    output = run("kinds").stdout
    for name in ("git", "github", "json", "text", "toml", "yaml"):
        assert f"\n {name} " in output


def test_kinds_shows_the_keys_of_one_with_an_example() -> None:
    output = run("kinds", "github").stdout
    assert "repo" in output
    assert "required" in output
    assert 'kind = "github"' in output


def test_kinds_speaks_to_machines() -> None:
    kinds = json.loads(run("kinds", "--format", "json").stdout)
    assert "github" in [kind["name"] for kind in kinds]
    one = json.loads(run("kinds", "github", "--format", "json").stdout)
    assert one["name"] == "github"


def test_a_kind_that_there_is_not_is_a_usage_error() -> None:
    done = run("kinds", "githb")
    assert done.exit_code == 2
    assert "There is no source kind 'githb'; there is git, github, json" in done.stderr

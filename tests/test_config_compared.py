"""Configurations compared for a reload, begun from a few flags, and checked with Apprise's help."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import config
from monitor.config import Flags, Wanted
from monitor.config.difference import Change, Difference
from monitor.errors import ConfigError
from monitor.model import Side
from tests.configured import DATED, META, OPS, PAIR, RECEIVER, TARGET, everything, loaded, written

# --- compared ------------------------------------------------------------------------------------


def both(folder: Path, before: str, after: str) -> Difference:
    environ = {"OPS": OPS, "NEW": "json://localhost/"}
    return config.differs(loaded(folder, before, environ), loaded(folder, after, environ))


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ('tags = "x"', Change(sides=frozenset({Side.RELEASES}), policy=True)),
        ('scheme = "semver"', Change(scheme=True, policy=True)),
        ('threshold = "1h"', Change(policy=True)),
        ('interval = "1m"', Change(interval=True)),
        ('labels = { a = "b" }', Change(labels=True)),
    ],
)
def test_it_is_known_how_a_target_changed(tmp_path: Path, line: str, change: Change) -> None:
    assert both(tmp_path, TARGET, f"{TARGET}{line}") == Difference(changed={"a": change})


def test_a_side_changes_with_its_source(tmp_path: Path) -> None:
    found = both(tmp_path, TARGET, f"[targets.a]\n{META}{DATED}")
    assert found.changed == {"a": Change(sides=frozenset({Side.RELEASES}))}
    found = both(tmp_path, TARGET, TARGET.replace('"$.tag"', '"$.tag", pattern = "x"'))
    assert found.changed == {"a": Change(sides=frozenset({Side.METADATA}))}


def test_targets_come_go_and_are_renamed(tmp_path: Path) -> None:
    before = f"[targets.a]{PAIR}[targets.b]{PAIR}"
    after = f'[targets.c]{PAIR}was = "a"\nthreshold = "1h"\n[targets.d]{PAIR}'
    assert both(tmp_path, before, after) == Difference(
        added=("d",), removed=("b",), renamed={"c": "a"}, changed={"c": Change(policy=True)}
    )
    assert both(tmp_path, after, after) == Difference()


def test_receivers_routes_and_the_daemon_are_compared_too(tmp_path: Path) -> None:
    before = f'{RECEIVER}[receivers.old]\nurl = "json://localhost/"'
    after = (
        '[daemon]\ninterval = "1m"\n[receivers.ops]\nurl = { env = "NEW" }\n[receivers.new]\nurl = "json://localhost/"\n'
        '[[routes]]\nreceivers = ["ops"]'
    )
    assert both(tmp_path, before, after) == Difference(
        receivers=("ops", "new"), receivers_removed=("old",), routes=True, daemon=("interval",)
    )


def test_the_fingerprint_changes_with_all_but_a_secrets_value(tmp_path: Path) -> None:
    found = everything(tmp_path)
    mark = config.fingerprint(found)
    assert re.fullmatch(r"[0-9a-f]{16}", mark)
    assert config.fingerprint(replace(found, receivers={**found.receivers, "ops": "slack://x"})) == mark
    assert (
        config.fingerprint(replace(found, policy=replace(found.policy, threshold=timedelta(hours=1)))) != mark
    )
    spec = replace(found.targets["a"].metadata.spec, schema={"type": "array"})
    target = replace(found.targets["a"], metadata=replace(found.targets["a"].metadata, spec=spec))
    assert config.fingerprint(replace(found, targets={"a": target})) != mark


# --- begun from flags ----------------------------------------------------------------------------

QUICK = Flags(github="owner/the.name", metadata="https://meta.example/latest.json", path="$.tag")


def test_a_few_flags_make_a_target(tmp_path: Path) -> None:
    found = config.quick(
        replace(QUICK, threshold="1h", tags="v(.*)", scheme="semver", pattern="x", token_env="T"), {"T": "t"}
    )
    target = found.targets["the.name"]
    assert (target.metadata.kind, target.releases.kind) == ("json", "github")
    assert (target.metadata.spec.pattern, target.releases.spec.token) == ("x", "token")
    assert target.policy.threshold == timedelta(hours=1)
    assert found.credentials["token"].value == "t"


@pytest.mark.parametrize(
    ("url", "path", "kind"),
    [
        ("https://m.example/a.toml", "$.a", "toml"),
        ("https://m.example/a.YML?x=y", "$.a", "yaml"),
        ("https://m.example/latest", "$.a", "json"),
        ("https://m.example/LATEST", None, "text"),
    ],
)
def test_the_metadata_is_read_as_its_address_ends(url: str, path: str | None, kind: str) -> None:
    found = config.quick(Flags(git="https://git.example/a~b.git/", metadata=url, path=path), {})
    assert found.targets["a-b"].metadata.kind == kind
    assert found.targets["a-b"].releases.kind == "git"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (Flags(metadata="https://m.example/"), "either --github OWNER/NAME or --git URL"),
        (replace(QUICK, git="https://g.example/"), "either --github OWNER/NAME or --git URL"),
        (Flags(github="a/b"), "say where the metadata is: --metadata URL"),
        (
            Flags(git="https://g.example/", metadata="https://m.example/", token_env="T"),
            "--token-env is for --github",
        ),
        (replace(QUICK, threshold="soon"), "threshold: found the text"),
        (replace(QUICK, metadata="[", name="x"), r"targets\.x\.metadata\.url: "),
        (replace(QUICK, metadata="http://[/"), "metadata"),
        (replace(QUICK, token_env="T"), 'the environment has no variable "T"'),
        (replace(QUICK, name="a/b"), "this name cannot be used"),
    ],
)
def test_flags_that_describe_no_target_are_refused(flags: Flags, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config.quick(flags, {})


def test_a_draft_is_a_configuration_and_needs_no_secret(tmp_path: Path) -> None:
    text = config.draft(replace(QUICK, token_env="T"))
    found = config.load(written(tmp_path, text), {}, wanted=Wanted.NONE)
    assert list(found.targets) == ["the.name"]
    assert "# [receivers.ops]" in text


# --- checked -------------------------------------------------------------------------------------


def test_apprise_is_asked_whether_it_understands_an_address(tmp_path: Path) -> None:
    text = f'{RECEIVER}[receivers.odd]\nurl = {{ env = "ODD" }}\n{TARGET}treshold = 3'
    checked = config.check(written(tmp_path, text), {"OPS": OPS, "ODD": "nosuch://cAnArY/"})
    assert checked.config is None
    assert checked.problems == (
        "targets.a.treshold: there is no such key; did you mean threshold?",
        "receivers.odd.url: not an address Apprise understands",
    )


def test_what_is_right_is_given_with_its_warnings(tmp_path: Path) -> None:
    checked = config.check(written(tmp_path, f"{RECEIVER}{TARGET}"), {"OPS": OPS})
    assert checked.problems == ()
    assert checked.config is not None
    assert checked.warnings == checked.config.warnings


def test_a_file_that_is_not_there_is_a_problem_like_others(tmp_path: Path) -> None:
    assert "there is no such file" in config.check(tmp_path / "none.toml", {}).problems[0]

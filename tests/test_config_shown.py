"""A configuration shown with its defaults, described for editors and kinds, and the example of one."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from monitor import config
from monitor.config import Config, Wanted
from tests.configured import EVERYTHING, META, OPS, PAIR, TARGET, everything, loaded, surroundings

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
# --- shown ---------------------------------------------------------------------------------------


def test_what_is_shown_means_the_same(tmp_path: Path) -> None:
    before = everything(tmp_path)
    assert loaded(tmp_path, config.write(config.shown(before)), surroundings(tmp_path)) == before


def test_what_is_shown_has_every_default_and_no_secret(tmp_path: Path) -> None:
    tables = config.shown(everything(tmp_path))
    assert tables["daemon"]["interval"] == "5m"
    assert tables["daemon"]["heartbeat_url"] == {"env": "BEAT"}
    assert tables["credentials"] == {"github": {"credential": "github"}}
    assert tables["receivers"] == {"ops": {"url": {"env": "OPS"}}, "here": {"url": "json://localhost/"}}
    assert tables["targets"]["a"]["metadata"] == {
        "kind": "json",
        "url": "https://meta.example/latest.json",
        "path": "$.tag",
        "schema": "s.json",
    }
    assert tables["targets"]["a"]["threshold"] == "3h"
    assert tables["targets"]["a"]["critical_after"] == "1d"
    assert "t0ken" not in json.dumps(tables)
    assert "T1JJ3T3L2" not in json.dumps(tables)


def test_toml_is_written_so_that_toml_reads_it() -> None:
    document = {
        "a": {"b c": 'x"\\\x7f\n\u20ac', "d": [1, 2.5, True], "e": {"f": []}},
        "g": [{"h": "i"}, {"h": "j"}],
        "k": {"l.m": {"n": 0}, "o": {}},
        "p": {},
    }
    assert tomllib.loads(config.write(document)) == {
        key: part for key, part in document.items() if key != "p"
    }


# --- described -----------------------------------------------------------------------------------


def test_the_schema_is_one_and_takes_what_is_taken(tmp_path: Path) -> None:
    schema = config.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(tomllib.loads(EVERYTHING))
    validator.validate(config.shown(everything(tmp_path)))


@pytest.mark.parametrize(
    "text",
    [
        "deamon = {}",
        'daemon.interval = "5 minutes"',
        "daemon.group_over = 0",
        'credentials.a = "secret"',
        'credentials.a = { env = "A", file = "B" }',
        'receivers.ops = { env = "A" }',
        '[[routes]]\nreceivers = ["a"]\nchecks = ["behnd"]',
        '[policy]\nunlisted = "of"',
        f"[targets.a]\n{META}",
        f'[targets."a/b"]{PAIR}',
        f'{TARGET}treshold = "1h"',
        f'[targets.a]\n{META}releases = {{ kind = "github" }}',
        f'[targets.a]\n{META}releases = {{ kind = "jsno" }}',
        f'[targets.a]\n{META}releases = {{ kind = "git", url = "https://a.example", path = "x" }}',
    ],
)
def test_the_schema_refuses_what_is_refused(text: str) -> None:
    assert not jsonschema.Draft202012Validator(config.schema()).is_valid(tomllib.loads(text))


def test_every_key_is_explained_to_an_editor() -> None:
    schema = config.schema()
    properties = schema["properties"]
    tables = [
        properties["daemon"],
        properties["policy"],
        properties["routes"]["items"],
        *properties["targets"]["patternProperties"].values(),
        *properties["receivers"]["patternProperties"].values(),
    ]
    lacking = [
        key for table in tables for key, part in table["properties"].items() if not part.get("description")
    ]
    assert lacking == []


def test_every_kind_is_described_from_its_own_code() -> None:
    kinds = {kind["name"]: kind for kind in config.described_kinds()}
    assert {"git", "github", "json", "text", "toml", "yaml"} <= kinds.keys()
    for kind in kinds.values():
        assert kind["summary"]
        assert kind["example"]
        assert all(key["help"] and key["type"] for key in kind["keys"]), kind["name"]
    repo = next(key for key in kinds["github"]["keys"] if key["name"] == "repo")
    assert repo["required"]
    assert "default" not in repo


def test_the_example_of_a_kind_is_one(tmp_path: Path) -> None:
    for kind in config.described_kinds():
        side = tomllib.loads(kind["example"])
        other = {"metadata": {"kind": "github", "repo": "a/b"}, "releases": {"kind": "github", "repo": "a/c"}}
        document = {"targets": {"a": {**other, **side}}}
        names = {key["token"] for key in side.values() if "token" in key}
        document |= {"credentials": {name: {"env": "T"} for name in names}} if names else {}
        assert loaded(tmp_path, config.write(document), {"T": "t"}).targets


# --- the example ---------------------------------------------------------------------------------


def example(*, with_all_settings: bool) -> str:
    text = EXAMPLE.read_text()
    return re.sub(r"^#(?=[^ \n#])", "", text, flags=re.MULTILINE) if with_all_settings else text


def test_the_example_runs_as_it_is(tmp_path: Path) -> None:
    found = loaded(tmp_path, example(with_all_settings=False))
    assert next(iter(found.targets)) == "python-build-standalone"
    assert found.policy == Config(daemon=found.daemon).policy


def test_the_example_loads_with_every_setting_taken_up(tmp_path: Path) -> None:
    (tmp_path / "slack").write_text(OPS)
    (tmp_path / "github").write_text("token")
    (tmp_path / "hooks").write_text("what GitHub signs its webhooks with")
    (tmp_path / "web").write_text("0123456789abcdef")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    text = example(with_all_settings=True)
    found = loaded(tmp_path, text, environ)
    assert list(found.targets) == ["python-build-standalone", "widget-2", "gadget"]
    assert list(found.receivers) == ["ops", "mail"]
    jsonschema.Draft202012Validator(config.schema()).validate(tomllib.loads(text))


def test_the_example_shows_every_key_and_its_default(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    text = example(with_all_settings=True)
    document = tomllib.loads(text)
    plain = config.shown(loaded(tmp_path, example(with_all_settings=False)))
    taken_up = config.shown(loaded(tmp_path, text, environ, wanted=Wanted.NONE))
    has_no_default = {
        "public_url",
        "trusted_proxies",
        "hosts",
        "heartbeat_url",
        "token",
        "hook_secret",
        "tags",
    }
    for section in ("daemon", "policy"):
        known = config.schema()["properties"][section]["properties"].keys()
        assert document[section].keys() == known
        for key in known - has_no_default:
            assert taken_up[section][key] == plain[section][key], key
    targets = config.schema()["properties"]["targets"]["patternProperties"].values()
    shown = {key for target in document["targets"].values() for key in target} | document["policy"].keys()
    assert shown == {key for target in targets for key in target["properties"]}

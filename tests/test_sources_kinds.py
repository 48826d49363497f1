"""The kinds: found by their files, each with an example that works and problems that begin with a key."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from monitor import sources
from monitor.errors import ParseError
from monitor.model import Source
from tests.dialogues import source

NAMES = ("git", "github", "json", "text", "toml", "yaml")
URL = "https://example.org/a/latest.json?key=canary"


def test_the_kinds_are_found_by_the_names_of_their_files() -> None:
    assert tuple(sources.kinds()) == NAMES
    for name in NAMES:
        assert sources.kind_named(name) is sources.kinds()[name]
        assert sources.kind_named(name).name == name


@pytest.mark.parametrize("name", ["structured", "naming", "jsonx", ""])
def test_an_unknown_kind_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(
        ParseError, match=f"no source kind '{name}'; the kinds are git, github, json, text, toml"
    ):
        sources.read(Source(kind=name, spec=None))


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_explains_itself(name: str) -> None:
    kind = sources.kind_named(name)
    assert kind.summary.endswith(".")
    for field in dataclasses.fields(kind.spec):
        assert field.metadata["help"].endswith("."), field.name
        assert field.kw_only


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_kind_works(name: str) -> None:
    kind = sources.kind_named(name)
    ((side, table),) = tomllib.loads(kind.example).items()
    assert side in {"metadata", "releases"}
    assert table.pop("kind") == name
    spec = kind.spec(**table)
    assert kind.problems(spec) == ()
    request = next(sources.read(Source(kind=name, spec=spec)))
    assert request.url in kind.urls(spec)


def test_a_schema_is_marked_as_a_file_for_the_configuration_to_read() -> None:
    for name in ("json", "toml", "yaml"):
        fields = {field.name: field for field in dataclasses.fields(sources.kind_named(name).spec)}
        assert [each for each in fields if "file" in fields[each].metadata] == ["schema"]
        assert fields["schema"].metadata["file"] == "json"


REPO = "astral-sh/uv"

DESCRIBED = [
    pytest.param("json", {"url": URL, "path": "$"}, "latest.json", False, False, id="json"),
    pytest.param(
        "json",
        {"url": URL, "path": "$", "date_path": "$"},
        "latest.json",
        True,
        False,
        id="with dates",
    ),
    pytest.param(
        "toml",
        {"url": URL, "path": "$", "prerelease_path": "$"},
        "latest.json",
        False,
        True,
        id="marks",
    ),
    pytest.param(
        "text",
        {"url": "https://example.org:8080/"},
        "example.org",
        False,
        False,
        id="no file name",
    ),
    pytest.param(
        "text",
        {"url": "https://[x"},
        "an address that is not a URL",
        False,
        False,
        id="no address",
    ),
    pytest.param(
        "git",
        {"url": "https://example.org/a/widget.git/"},
        "tags of widget",
        False,
        False,
        id="git",
    ),
    pytest.param("github", {"repo": REPO}, f"{REPO} on GitHub", True, False, id="github without a token"),
    pytest.param(
        "github",
        {"repo": REPO, "token": "t"},
        f"{REPO} on GitHub",
        True,
        True,
        id="github with a token",
    ),
    pytest.param(
        "github",
        {"repo": REPO, "web_url": "https://g.example.org"},
        f"{REPO} on g.example.org",
        True,
        False,
        id="Ent.",
    ),
]


@pytest.mark.parametrize(("name", "keys", "label", "has_dates", "tells"), DESCRIBED)
def test_a_kind_describes_a_source(
    name: str, keys: dict[str, Any], label: str, has_dates: bool, tells: bool
) -> None:
    kind, spec = sources.kind_named(name), source(name, **keys).spec
    assert kind.label(spec) == label
    assert kind.has_dates(spec) is has_dates
    assert kind.tells_prereleases(spec) is tells
    assert kind.credentials(spec) == ((keys["token"],) if "token" in keys else ())


@pytest.mark.parametrize(
    ("name", "keys", "urls"),
    [
        pytest.param("yaml", {"url": URL, "path": "$"}, (URL,), id="a document"),
        pytest.param("text", {"url": URL}, (URL,), id="a text"),
        pytest.param("github", {"repo": REPO}, (f"https://github.com/{REPO}/releases.atom",), id="the feed"),
        pytest.param(
            "github",
            {"repo": REPO, "token": "t"},
            ("https://api.github.com/graphql",),
            id="GraphQL",
        ),
        pytest.param(
            "git",
            {"url": "https://g/w.git/"},
            ("https://g/w.git/info/refs?service=git-upload-pack", "https://g/w.git/git-upload-pack"),
            id="git",
        ),
    ],
)
def test_the_addresses_that_will_be_asked_are_known(
    name: str, keys: dict[str, Any], urls: tuple[str, ...]
) -> None:
    assert sources.kind_named(name).urls(source(name, **keys).spec) == urls


@pytest.mark.parametrize("name", ["json", "toml", "yaml", "text"])
def test_a_document_may_need_a_credential(name: str) -> None:
    keys = {"url": URL, "token": "ours"} | ({} if name == "text" else {"path": "$"})
    assert sources.kind_named(name).credentials(source(name, **keys).spec) == ("ours",)
    assert next(sources.read(source(name, **keys))).credential == "ours"


STRUCTURED = {"url": "https://x.org/a", "path": "$"}

PROBLEMS = [
    pytest.param("json", STRUCTURED, (), id="none"),
    pytest.param(
        "json",
        STRUCTURED | {"url": "ftp://x"},
        ("url: is not an http or https address",),
        id="ftp",
    ),
    pytest.param(
        "json",
        STRUCTURED | {"url": "https://"},
        ("url: is not an http or https address",),
        id="no host",
    ),
    pytest.param(
        "json",
        STRUCTURED | {"url": "https://x:y"},
        ("url: is not an http or https",),
        id="a wrong port",
    ),
    pytest.param(
        "json",
        STRUCTURED | {"url": "https://u:p@x"},
        ("url: has a user or password",),
        id="a password",
    ),
    pytest.param(
        "json",
        STRUCTURED | {"url": "https://x/\u00e9"},
        ("url: must be at most 2000",),
        id="not ASCII",
    ),
    pytest.param("json", STRUCTURED | {"url": "https://x/a b"}, ("url: must be at most 2000",), id="a space"),
    pytest.param(
        "json",
        STRUCTURED | {"url": "https://x/" + "a" * 2000},
        ("url: must be at most 2000",),
        id="long",
    ),
    pytest.param("json", STRUCTURED | {"url": "https://x/#a"}, ("url: has a fragment",), id="a fragment"),
    pytest.param("toml", STRUCTURED | {"path": "tag"}, ("path: 'tag' is not a JSONPath",), id="a wrong path"),
    pytest.param(
        "yaml",
        {
            "url": "x",
            "path": "$.",
            "date_path": "$[",
            "prerelease_path": "",
            "schema": {"type": 1},
            "pattern": "(",
        },
        (
            "url: ",
            "path: ",
            "date_path: ",
            "prerelease_path: ",
            "schema: is not a JSON Schema",
            "pattern: '(' is not",
        ),
        id="all at once",
    ),
    pytest.param(
        "json",
        STRUCTURED | {"schema": "a.json", "pattern": r"\d+"},
        (),
        id="a schema still to be read",
    ),
    pytest.param("text", {"url": "https://x", "select": "regex", "regex": "a"}, (), id="text"),
    pytest.param(
        "text",
        {"url": "https://x", "select": "regex"},
        ("regex: goes with select",),
        id="no regex",
    ),
    pytest.param(
        "text",
        {"url": "https://x", "regex": "a"},
        ("regex: goes with select",),
        id="a regex too many",
    ),
    pytest.param(
        "text",
        {"url": "x", "select": "last", "pattern": "("},
        (
            "url: ",
            "select: found 'last'",
            "pattern: ",
        ),
        id="text all at once",
    ),
    pytest.param("git", {"url": "ssh://git@x/w.git"}, ("url: is not an http",), id="git over ssh"),
    pytest.param("git", {"url": "https://x/w.git?a"}, ("url: has a query",), id="git with a query"),
    pytest.param("git", {"url": "https://x/w.git"}, (), id="git"),
    pytest.param("github", {"repo": "uv"}, ("repo: found 'uv'; want owner/name",), id="no owner"),
    pytest.param("github", {"repo": "https://github.com/a/b"}, ("repo: found",), id="an address"),
    pytest.param("github", {"repo": "a/.."}, ("repo: found",), id="a way up"),
    pytest.param("github", {"repo": "a/b/"}, ("repo: found",), id="a slash too many"),
    pytest.param(
        "github",
        {"repo": "a/b.c_d-e", "api_url": "x", "web_url": "https://x?y"},
        (
            "api_url: ",
            "web_url: has",
        ),
        id="wrong addresses",
    ),
]


@pytest.mark.parametrize(("name", "keys", "expected"), PROBLEMS)
def test_what_is_wrong_with_a_source_is_said_with_its_key(
    name: str, keys: dict[str, Any], expected: tuple[str, ...]
) -> None:
    problems = sources.kind_named(name).problems(source(name, **keys).spec)
    assert len(problems) == len(expected)
    for problem, beginning in zip(problems, expected, strict=True):
        assert problem.startswith(beginning)
        assert problem.isprintable()


def test_what_a_kind_needs_is_not_loaded_before_it_is_needed() -> None:
    heavy = ("yaml", "msgspec", "jsonpath", "jsonschema", "regex")
    code = f"import sys; from monitor import sources; sources.kinds(); print({{*{heavy}}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

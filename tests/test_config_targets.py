"""What a target may say of its two sides, its policy and itself."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Side, Switch
from tests.configured import DATED, META, PAIR, TARGET, loaded, problem, problems


def test_a_target_has_two_sides_and_the_defaults(tmp_path: Path) -> None:
    text = (
        f'[daemon]\ninterval = "7m"\n[policy]\nthreshold = "3h"\nunlisted = "off"\n{TARGET}unlisted = "on"\n'
    )
    target = loaded(tmp_path, text).targets["a"]
    assert target.name == "a"
    assert target.metadata.kind == "json"
    assert target.metadata.spec.path == "$.tag"
    assert target.source(Side.RELEASES).spec.repo == "owner/name"
    assert target.interval == timedelta(minutes=7)
    assert target.policy.threshold == timedelta(hours=3)
    assert target.policy.unlisted is Switch.ON


def test_a_target_may_say_everything_itself(tmp_path: Path) -> None:
    text = (
        f'{TARGET}interval = "1m"\nlabels = {{ team = "core" }}\nwas = "b"\nthreshold = "1d"\nignore = ["1"]'
    )
    target = loaded(tmp_path, text).targets["a"]
    assert target.interval == timedelta(minutes=1)
    assert target.labels == {"team": "core"}
    assert target.was == "b"
    assert target.policy.threshold == timedelta(days=1)
    assert target.policy.ignore == ("1",)


def test_a_schema_is_read_from_beside_the_configuration(tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["tag"]}
    (tmp_path / "latest.schema.json").write_text(json.dumps(schema))
    found = loaded(tmp_path, TARGET.replace('"$.tag"', '"$.tag", schema = "latest.schema.json"'))
    assert found.targets["a"].metadata.spec.schema == schema
    assert found.files == {"targets.a.metadata.schema": "latest.schema.json"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "there is no such file", id="no file"),
        pytest.param("{", '"s.json" is not JSON: ', id="no JSON"),
        pytest.param("[" * 100_000, '"s.json" is not JSON: ', id="nested too deeply"),
        pytest.param('{"type": "objct"}', "targets.a.metadata.schema: ", id="no schema"),
    ],
)
def test_a_schema_that_is_none_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "s.json").write_text(content)
    assert said in problem(tmp_path, TARGET.replace('"$.tag"', '"$.tag", schema = "s.json"'))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(META, "targets.a.releases: it is missing: What is out", id="one side"),
        pytest.param(
            f"{META}releases = 3",
            'targets.a.releases: found the number 3; want a table, like { kind = "json"',
            id="no table",
        ),
        pytest.param(
            f"{META}releases = {{}}",
            "targets.a.releases.kind: it is missing; the kinds are git, github, json",
            id="no kind",
        ),
        pytest.param(
            f"{META}releases.kind = 3", "targets.a.releases.kind: found the number 3", id="a number of a kind"
        ),
        pytest.param(
            f'{META}releases.kind = "gihub"',
            'targets.a.releases.kind: there is no source kind "gihub"; did you mean github?',
            id="a kind that there is not",
        ),
        pytest.param(
            f'{META}releases = {{ kind = "github", repo = "owner/name", tokn = "t" }}',
            "targets.a.releases.tokn: there is no such key; did you mean token?",
            id="a key that there is not",
        ),
        pytest.param(
            f'{META}releases = {{ kind = "github" }}',
            "targets.a.releases.repo: it is missing",
            id="a key that is missing",
        ),
        pytest.param(
            f'{META}releases = {{ kind = "github", repo = 3 }}',
            "targets.a.releases.repo: found the number 3; want a text in quotes",
            id="a key of another type",
        ),
        pytest.param(
            f'{META}releases = {{ kind = "github", repo = "" }}',
            "targets.a.releases.repo: it is empty",
            id="empty",
        ),
        pytest.param(
            f'{META}releases = {{ kind = "github", repo = "name" }}',
            "targets.a.releases.repo: ",
            id="what a kind refuses",
        ),
        pytest.param(
            f'{META}releases = {{ kind = "github", repo = "owner/name", token = "github" }}',
            'targets.a.releases.token: there is no credential "github"; there is none',
            id="a credential that there is not",
        ),
        pytest.param(
            f'{PAIR}treshold = "1h"',
            "targets.a.treshold: there is no such key; did you mean threshold?",
            id="a typo",
        ),
        pytest.param(
            f'{PAIR}interval = "0"', "targets.a.interval: it is too short; want at least 1s", id="no interval"
        ),
        pytest.param(
            f'{PAIR}was = "a b"', "targets.a.was: want the name that this target had before", id="no name"
        ),
        pytest.param(
            f"{PAIR}labels = {{ a = 1 }}", "targets.a.labels.a: found the number 1; want a text", id="a label"
        ),
        pytest.param(
            f'{PAIR}labels = {{ "" = "x" }}', 'targets.a.labels."": want 1 to 200 printable', id="no label"
        ),
        pytest.param(
            f'{PAIR}labels = "x"', 'targets.a.labels: found the text "x"; want a table', id="labels"
        ),
        pytest.param(
            f'{PAIR}scheme = "semverr"', "targets.a.scheme: there is no scheme 'semverr'", id="a scheme"
        ),
        pytest.param(f"{PAIR}tags = '['", "targets.a.tags: '[' is not a regular expression", id="a pattern"),
        pytest.param(
            f'{META}scheme = "published"\nreleases = {{ kind = "git", url = "https://git.example/a.git" }}',
            'targets.a.releases: the scheme "published" orders by publication, and this source has no dates',
            id="no dates",
        ),
    ],
)
def test_what_a_target_cannot_be_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    assert problem(tmp_path, f"[targets.a]\n{lines}").startswith(said)


def test_a_source_with_dates_may_be_ordered_by_them(tmp_path: Path) -> None:
    assert (
        loaded(tmp_path, f'[targets.a]\n{META}{DATED}scheme = "published"').targets["a"].policy.scheme
        == "published"
    )


def test_a_mistake_hides_no_other(tmp_path: Path) -> None:
    text = """
        [policy]
        scheme = "semverr"
        [targets.a]
        metadata = { kind = "json", url = "ftp://meta.example/", path = "$.tag[", tag = "x", pattern = "(" }
        releases = { kind = "git", url = 3 }
        was = 3
        tags = "("
        [targets.b]
        metadata = 3
    """
    found = [sentence.partition(": ")[0] for sentence in problems(tmp_path, text)]
    assert sorted(found) == [
        "policy.scheme",
        "targets.a.metadata.path",
        "targets.a.metadata.pattern",
        "targets.a.metadata.tag",
        "targets.a.metadata.url",
        "targets.a.releases.url",
        "targets.a.tags",
        "targets.a.was",
        "targets.b.metadata",
        "targets.b.releases",
    ]


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("ghp_0123456789", id="GitHub's"),
        pytest.param("0123456789" * 5, id="a long one"),
        pytest.param("a b/c", id="what is no name"),
    ],
)
def test_a_token_in_the_place_of_its_name_is_not_repeated(tmp_path: Path, token: str) -> None:
    text = f'[targets.a]\n{META}releases = {{ kind = "github", repo = "owner/name", token = "{token}" }}'
    found = problem(tmp_path, text)
    assert found.startswith(
        "targets.a.releases.token: want the name of a credential, not its value; keep it in"
    )
    assert token not in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            f'[targets.a]{PAIR}was = "b"\n[targets.b]{PAIR}',
            'targets.a.was: there is a target "b"; take one of the two names away',
            id="a name that is taken",
        ),
        pytest.param(
            f'[targets.a]{PAIR}was = "a"', 'targets.a.was: there is a target "a"', id="its own name"
        ),
        pytest.param(
            f'[targets.a]{PAIR}was = "c"\n[targets.b]{PAIR}was = "c"',
            'targets.b.was: "a" says so too; a history goes to one target',
            id="two heirs",
        ),
    ],
)
def test_a_history_has_one_heir(tmp_path: Path, text: str, said: str) -> None:
    assert problem(tmp_path, text).startswith(said)

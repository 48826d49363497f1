"""Secrets are kept elsewhere, fetched from there, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import config
from monitor.config import Reference, Wanted
from monitor.config.receivers import holds_no_secret
from tests.configured import OPS, RECEIVER, loaded, problem, problems, written

CANARY = "cAnArY-0123456789"


def kept(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("reference", "environ"),
    [
        pytest.param('{ env = "TOKEN" }', {"TOKEN": CANARY}, id="the environment"),
        pytest.param('{ file = "token" }', {}, id="a file beside the configuration"),
        pytest.param('{ file = "%s/token" }', {}, id="a file elsewhere"),
        pytest.param('{ credential = "token" }', {"CREDENTIALS_DIRECTORY": "%s"}, id="systemd"),
    ],
)
def test_a_secret_is_fetched_from_where_it_is_kept(
    tmp_path: Path, reference: str, environ: dict[str, str]
) -> None:
    kept(tmp_path / "token", f"{CANARY}\n")
    environ = {name: value.replace("%s", str(tmp_path)) for name, value in environ.items()}
    found = loaded(tmp_path, f"credentials.github = {reference}".replace("%s", str(tmp_path)), environ)
    assert found.credentials["github"].value == CANARY
    assert CANARY in found.secrets
    assert CANARY not in repr(found)


def test_only_the_last_line_break_of_a_file_is_none_of_the_secret(tmp_path: Path) -> None:
    kept(tmp_path / "token", f" {CANARY} \r\n")
    assert loaded(tmp_path, 'credentials.a = { file = "token" }').credentials["a"].value == f" {CANARY} "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('{ env = "NONE" }', 'a.env: the environment has no variable "NONE"', id="no variable"),
        pytest.param('{ env = "EMPTY" }', 'a.env: the variable "EMPTY" is empty', id="an empty variable"),
        pytest.param('{ file = "none" }', "none: there is no such file", id="no file"),
        pytest.param('{ file = "empty" }', "empty is empty", id="an empty file"),
        pytest.param('{ file = "binary" }', "binary: it is not a text", id="not a text"),
        pytest.param('{ file = "lines" }', "lines holds more than one line", id="two lines"),
        pytest.param('{ file = "large" }', "large: it is larger than 64 KiB", id="too large"),
        pytest.param('{ file = "." }', "it is a directory, not a file", id="a directory"),
        pytest.param(
            '{ credential = "none" }',
            "there is no such file; the unit needs LoadCredential=none:/PATH",
            id="no credential",
        ),
        pytest.param('{ credential = "../x" }', "which has no slash; for a path say file =", id="a path"),
        pytest.param("{}", "it does not say where the secret is kept; write exactly one of", id="nowhere"),
        pytest.param('{ env = "A", file = "b" }', "found env and file; write exactly one of", id="two ways"),
        pytest.param('{ env = "" }', "a.env: want the name or path as a text", id="no name"),
        pytest.param('{ env = "a\\nb" }', "a.env: want the name or path as a text", id="a name of two lines"),
        pytest.param("{ env = 3 }", "a.env: want the name or path as a text", id="a number"),
        pytest.param("3", "credentials.a: found the number 3; keep it elsewhere and write {", id="no table"),
    ],
)
def test_a_secret_that_cannot_be_had_is_a_problem_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    kept(tmp_path / "empty", " \n")
    kept(tmp_path / "binary", b"\xff\xfe")
    kept(tmp_path / "lines", "one\ntwo\n")
    kept(tmp_path / "large", "x" * 70_000)
    environ = {"EMPTY": "", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert said in problem(tmp_path, f"credentials.a = {text}", environ)


def test_a_way_that_there_is_not_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    found = problems(tmp_path, 'credentials.a = { credentials = "x" }')
    assert found[0] == "credentials.a.credentials: there is no such key; did you mean credential?"


def test_a_file_that_everybody_may_read_is_a_warning(tmp_path: Path) -> None:
    kept(tmp_path / "token", CANARY, mode=0o644)
    warnings = loaded(tmp_path, 'credentials.a = { file = "token" }').warnings
    assert (
        f"credentials.a.file: {tmp_path}/token may be read by everybody on this machine; chmod o-r it"
        in warnings
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'credentials.github = "{CANARY}"', id="a credential"),
        pytest.param(f'credentials.github = {{ value = "{CANARY}" }}', id="under a key of its own"),
        pytest.param(f'receivers.ops.url = "slack://{CANARY}/b/c"', id="a receiver"),
        pytest.param(f'receivers.ops = "slack://{CANARY}/b/c"', id="a receiver without url"),
        pytest.param(f'receivers.ops.url = "{CANARY}"', id="a receiver that is no URL"),
        pytest.param(f'daemon.token = "{CANARY}"', id="the token"),
        pytest.param(f'daemon.heartbeat_url = "https://a:{CANARY}@b.example/"', id="a password in an URL"),
        pytest.param(
            f'receivers.ops = {{ url = {{ env = "A" }}, password = "{CANARY}" }}', id="an unknown key"
        ),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, text, {"A": OPS})
    assert CANARY not in "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'credentials.github = "{CANARY}"', id="a credential"),
        pytest.param(f'receivers.ops.url = "slack://{CANARY}/b/c"', id="a receiver"),
    ],
)
def test_who_writes_a_secret_into_the_file_learns_how_to_do_it(tmp_path: Path, text: str) -> None:
    found = problem(tmp_path, text)
    assert "a secret does not belong in this file" in found
    assert (
        '{ credential = "NAME" } (systemd\'s LoadCredential), { env = "NAME" } or { file = "/PATH" }' in found
    )


def test_who_leaves_out_the_key_url_learns_of_it(tmp_path: Path) -> None:
    assert problem(tmp_path, 'receivers.ops = { env = "A" }').startswith(
        "receivers.ops: want a table with a url"
    )


@pytest.mark.parametrize(
    ("url", "is_plain"),
    [
        ("json://localhost:8000/path", True),
        ("json://127.0.0.1/a/b", True),
        ("jsons://[::1]/a", True),
        ("mailto://localhost:25?from=a@b.example&to=c@d.example", True),
        ("mailto://mail.example/ops@d.example", True),
        ("json://hooks.example/", True),
        ("json://hooks.example/services/T000/B000", False),
        ("json://user:password@localhost/", False),
        ("json://localhost/?+X-Token=abc", False),
        ("json://localhost/#abc", False),
        ("mailto://user:password@mail.example", False),
        ("mailto://mail.example?user=a&pass=b", False),
        ("slack://T000/B000/X000", False),
        ("https://hooks.slack.com/services/T000/B000/X000", False),
        ("json://", False),
        ("json://[/", False),
        ("json://localhost/\x00", False),
        ("abc", False),
    ],
)
def test_an_address_may_stand_in_the_file_if_it_is_no_key(url: str, is_plain: bool) -> None:
    assert holds_no_secret(url) is is_plain


def test_every_part_of_a_receivers_address_is_masked(tmp_path: Path) -> None:
    found = loaded(tmp_path, RECEIVER, {"OPS": OPS})
    assert found.receivers == {"ops": OPS}
    assert {OPS, "T1JJ3T3L2", "TIiajkdnlazkcOXrIdevi7FQ"} <= set(found.secrets)
    assert "#general" not in found.secrets


def test_what_is_kept_for_a_receiver_must_be_an_address(tmp_path: Path) -> None:
    found = problem(tmp_path, RECEIVER, {"OPS": CANARY})
    assert found == "receivers.ops.url: what is kept there is no Apprise URL (scheme://…)"


def test_a_command_that_sends_nothing_needs_no_secret(tmp_path: Path) -> None:
    text = f'{RECEIVER}\n[credentials]\ngithub = {{ credential = "github" }}\n'
    found = loaded(tmp_path, text, {}, wanted=Wanted.NONE)
    assert found.receivers == {"ops": ""}
    assert found.credentials["github"].value == ""
    assert found.secrets == ()
    assert found.references == {
        "receivers.ops.url": Reference(by="env", at="OPS"),
        "credentials.github": Reference(by="credential", at="github"),
    }
    assert str(found.references["receivers.ops.url"]) == '{ env = "OPS" }'


def test_a_command_that_only_looks_needs_no_receiver(tmp_path: Path) -> None:
    text = '[credentials]\ngithub = { env = "TOKEN" }\n' + RECEIVER
    found = loaded(tmp_path, text, {"TOKEN": CANARY}, wanted=Wanted.SOURCES)
    assert found.credentials["github"].value == CANARY
    assert found.secrets == (CANARY,)


def test_a_service_without_its_credentials_does_not_start_but_a_person_may_ask(tmp_path: Path) -> None:
    text = 'credentials.github = { credential = "github" }'
    said = (
        "credentials.github.credential: $CREDENTIALS_DIRECTORY is not set, so the credential "
        '"github" cannot be read from here; systemd sets it for the service (LoadCredential=)'
    )
    assert problem(tmp_path, text) == said
    checked = config.check(written(tmp_path, text), {})
    assert checked.problems == ()
    assert said in checked.warnings

"""`check`, `status`, `alerts`, `ack`, `silence` and their like, beside a house that is at work."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import tagdrift
from tests.housing import Housing
from tests.servers.site import Answer

OLD = {"20241008": "2024-10-08T12:00:00Z"}
NEW = OLD | {"20241016": "2024-10-16T12:00:00Z"}
FUTURE = OLD | {"20991016": "2099-10-16T12:00:00Z"}


async def run(housing: Housing, *line: str) -> Result:
    """Run a command in a thread of its own, as beside the daemon."""
    housing.config()
    arguments = [*line, "--config", str(housing.folder / "config.toml")]
    return await asyncio.to_thread(CliRunner().invoke, tagdrift, arguments)


async def drifting(housing: Housing) -> Housing:
    housing.policy = 'scheme = "calver"'
    housing.says("project", named="20241008", releases=NEW)
    await housing.open()
    await housing.pass_for(hours=2, minutes=30)
    assert len(housing.told) == 1
    return housing


# --- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "releases", "status", "said"),
    [
        pytest.param(
            "20241016", NEW, 0, "project: in step: names 20241016, newest release 20241016", id="in step"
        ),
        pytest.param(
            "20241008", NEW, 1, "project: behind: the metadata names 20241008; 20241016 is out", id="behind"
        ),
        pytest.param("20241008", FUTURE, 0, "project: pending: ", id="pending"),
        pytest.param("20240101", NEW, 1, "project: ", id="unlisted counts at once"),
        pytest.param("a-hash", NEW, 1, "project: malformed: ", id="malformed counts at once"),
        pytest.param({"no": "text"}, NEW, 1, "project: malformed: ", id="no version at all"),
        pytest.param("20241016", None, 3, "project: could not tell: ", id="one side is gone"),
        pytest.param({"no": "text"}, None, 1, "project: malformed: ", id="1 beats 3"),
    ],
)
async def test_check_says_how_it_stands_and_leaves_with_a_status(
    housing: Housing, named: Any, releases: dict[str, str] | None, status: int, said: str
) -> None:
    housing.policy = 'scheme = "calver"'
    housing.says("project", named=named, releases=releases)
    result = await run(housing, "check")
    assert result.exit_code == status, result.output
    assert result.stdout.startswith(said), result.output
    assert not housing.path.exists()


async def test_check_explains_what_was_asked_read_and_concluded(housing: Housing) -> None:
    housing.policy = 'scheme = "calver"'
    housing.says("project", named="20241008", releases=NEW | {"nightly": "2024-01-01T00:00:00Z"})
    housing.site.answer("/project/latest.json", {"tag": "20241008"}, headers={"Age": "212"})
    result = await run(housing, "check", "project", "-v")
    for said in (
        "metadata: GET http://127.0.0.1",
        "HTTP 200",
        "served from a cache, age 3 min",
        "3 read (complete, 3 with their publication)",
        "cannot tell pre-releases",
        "nightly",
        "ordered by calver",
        "missing: 20241016",
        "conclusion: behind",
    ):
        assert said in result.stdout, result.stdout


async def test_check_gives_addresses_whole_and_escapes_what_a_terminal_would_obey(housing: Housing) -> None:
    housing.policy = 'scheme = "calver"'
    housing.says("project", named="2024\x1b[2J", releases=NEW)
    housing.site.answer("/project/releases.json", {"no": "list"})
    result = await run(housing, "check", "-v")
    assert "\x1b" not in result.stdout
    assert "\u2215" not in result.stdout
    housing.site.script("/project/releases.json", Answer(status=404))
    result = await run(housing, "check")
    assert f"{housing.site.url('/project/releases.json')} answered" in result.stdout, result.stdout


async def test_check_speaks_to_machines(housing: Housing) -> None:
    housing.policy = 'scheme = "calver"'
    housing.says("project", named="20241008", releases=NEW)
    result = await run(housing, "check", "--format", "json")
    (target,) = json.loads(result.stdout)["targets"]
    assert (target["state"], target["status"], target["named"], target["newest"]) == (
        "behind",
        1,
        "20241008",
        "20241016",
    )
    assert target["alerts"][0]["since"] == "2024-10-16T12:00:00Z"
    assert target["sides"]["metadata"]["http_status"] == 200


async def test_check_of_a_target_that_there_is_not_is_a_usage_error(housing: Housing) -> None:
    result = await run(housing, "check", "porject")
    assert result.exit_code == 2
    assert "it has project" in result.stderr


async def test_check_works_with_no_configuration_at_all(housing: Housing) -> None:
    housing.site.answer("/latest.json", {"tag": "1.0.0"})
    url = housing.site.url("/latest.json")
    line = ["check", "--metadata", url, "--path", "$.tag", "--git", housing.site.url("/gone.git")]
    result = await asyncio.to_thread(CliRunner().invoke, tagdrift, line)
    assert result.exit_code == 3, result.output
    assert "could not tell" in result.stdout


# --- status and alerts ---------------------------------------------------------------------------


async def test_status_shows_what_is_known_and_how_old_it_is(housing: Housing) -> None:
    housing.targets["fresh"] = ""
    await drifting(housing)
    text = (await run(housing, "status")).stdout
    assert "behind, alert 1" in text
    assert "project: the metadata names 20241008; 20241016 is out" in text
    assert "unknown" in text
    document = json.loads((await run(housing, "status", "project", "--format", "json")).stdout)
    assert [target["name"] for target in document["targets"]] == ["project"]
    assert document["targets"][0]["missing"] == ["20241016"]
    assert (await run(housing, "status", "nobody")).exit_code == 2


async def test_status_of_a_daemon_that_cannot_write_says_that_it_runs_and_since_when_it_has_not(
    housing: Housing,
) -> None:
    # By the clock of this house the last that it wrote was years ago.
    await drifting(housing)
    said = (await run(housing, "status")).stdout.replace("\n", " ")
    assert f"process {os.getpid()} holds the database and has written nothing for" in said
    assert "NOT running" not in said
    await housing.close()
    assert "NOT running" in (await run(housing, "status")).stdout


async def test_status_of_a_target_that_was_never_looked_at_says_so(housing: Housing) -> None:
    await drifting(housing)
    housing.targets["later"] = ""
    assert "never looked" in (await run(housing, "status")).stdout


async def test_alerts_lists_what_is_open_and_what_has_ended(housing: Housing) -> None:
    await drifting(housing)
    assert "the metadata names 20241008; 20241016 is out" in (await run(housing, "alerts")).stdout
    housing.says("project", named="20241016")
    await housing.pass_for(hours=1)
    assert "No alerts" in (await run(housing, "alerts")).stdout
    assert "2024-10-16 14:35" in (await run(housing, "alerts", "--all")).stdout
    (alert,) = json.loads((await run(housing, "alerts", "--all", "--format", "json")).stdout)["alerts"]
    assert (alert["check"], alert["missing"]) == ("behind", ["20241016"])
    assert json.loads((await run(housing, "alerts", "--format", "json")).stdout) == {"alerts": []}


# --- acks and silences ---------------------------------------------------------------------------


async def test_an_ack_mutes_the_repeats_until_it_is_taken_back(housing: Housing) -> None:
    await drifting(housing)
    said = await run(housing, "ack", "1", "--comment", "we know", "--who", "ada")
    assert said.stdout == (
        "alert 1 of project is acknowledged by ada: no repeats until a newer release is out\n"
    )
    await housing.pass_for(hours=30)
    assert len(housing.told) == 1
    assert "acked by ada" in (await run(housing, "alerts")).stdout
    assert (await run(housing, "unack", "1")).stdout == "alert 1 is no longer acknowledged\n"
    await housing.pass_for(seconds=2)
    assert len(housing.told) == 2
    assert (await run(housing, "unack", "1")).exit_code == 1


async def test_an_ack_of_what_does_not_fire_is_refused_in_a_sentence(housing: Housing) -> None:
    await drifting(housing)
    result = await run(housing, "ack", "7")
    assert result.exit_code == 1
    assert "no alert 7 is firing" in result.stderr
    assert (await run(housing, "ack", "one")).exit_code == 2


async def test_a_silence_mutes_until_it_is_ended(housing: Housing) -> None:
    housing.policy = 'scheme = "calver"'
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    said = await run(housing, "silence", "--target", "project", "--for", "3000d", "--comment", "release day")
    assert said.stdout.startswith("silence 1 until "), said.output
    assert "target project" in (await run(housing, "silences")).stdout
    assert "release day" in (await run(housing, "silences", "--all")).stdout
    (silence,) = json.loads((await run(housing, "silences", "--format", "json")).stdout)["silences"]
    assert silence["target"] == "project"
    assert (await run(housing, "unsilence", "1")).stdout == "silence 1 is ended\n"
    assert (await run(housing, "unsilence", "1")).exit_code == 1
    assert (await run(housing, "silences")).stdout == "No silences.\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(["--label", "team"], "should be name=value", id="no value"),
        pytest.param(["--for", "soon"], "not a duration", id="no duration"),
        pytest.param(["--check", "drift"], "drift", id="no such check"),
    ],
)
async def test_a_silence_that_cannot_be_meant_is_a_usage_error(
    housing: Housing, line: list[str], said: str
) -> None:
    result = await run(housing, "silence", "--for", "4h", *line)
    assert result.exit_code == 2
    assert said in result.stderr


async def test_a_silence_of_a_target_that_is_not_watched_says_that_it_mutes_nothing(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    result = await run(housing, "silence", "--for", "3000d", "--target", "projekt")
    assert result.exit_code == 0
    assert "has no target 'projekt', so this mutes nothing; it has project" in result.stderr
    assert (await run(housing, "silence", "--for", "3000d", "--target", "project")).stderr == ""


async def test_a_silence_by_label_and_check_says_what_it_mutes(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    await run(housing, "silence", "--label", "team=infra", "--check", "behind", "--for", "3000d")
    await run(housing, "silence", "--for", "3000d")
    text = (await run(housing, "silences")).stdout
    assert "label team=infra, check behind" in text
    assert "everything" in text


# --- reload --------------------------------------------------------------------------------------


async def test_reload_without_a_daemon_says_so(housing: Housing) -> None:
    await drifting(housing)
    await housing.close()
    result = await run(housing, "reload")
    assert result.exit_code == 1
    assert "no daemon is running" in result.stderr
    await housing.open()


async def test_status_of_a_configuration_that_is_bad_by_now_shows_what_goes_on(housing: Housing) -> None:
    await drifting(housing)
    housing.config()
    path = housing.folder / "config.toml"
    path.write_text(path.read_text() + "\n[targetz.typo]\n")
    for form in ("text", "json"):
        line = ["status", "--format", form, "--config", str(path)]
        result = await asyncio.to_thread(CliRunner().invoke, tagdrift, line)
        assert result.exit_code == 0, result.output
        assert "targetz" in result.stderr
        assert "project" in result.stdout
        assert "behind" in result.stdout

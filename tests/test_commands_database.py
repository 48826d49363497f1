"""`db`, `sql`, `history` and `deliveries`, against a real database."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import tagdrift
from monitor.clock import SystemClock
from monitor.model import Event, EventKind, Reading, Release, Side
from monitor.store import Ledger, Store, visit
from tests.conftest import START, ManualClock
from tests.looking import LISTS_BOTH, NAME, NAMES_OLD, TIMED_OUT, at, look, message, rows
from tests.telling import firing

Run = Callable[..., Result]


def fill(ledger: Ledger) -> None:
    """Record the founding incident, in short."""
    ledger.observe(look(NAMES_OLD))
    ledger.observe(look(NAMES_OLD, at(minutes=5)))
    ledger.observe(look(LISTS_BOTH, at(hours=1)))
    ledger.observe(look(TIMED_OUT, at(hours=2)))
    ledger.observe(look(LISTS_BOTH, at(hours=3)))
    ledger.save_alerts([firing(id=1)])
    ledger.add_events(
        [
            Event(
                kind=EventKind.FIRED,
                target=NAME,
                at=at(hours=2),
                alert_id=1,
                check=firing().check,
                sentence="late",
            ),
            Event(kind=EventKind.SCHEME_CHANGED, target=NAME, at=at(hours=4), sentence="now semver"),
        ]
    )
    ledger.queue([message(), message(receiver="chat\x1b[31m")])
    ledger.claim(START, ["ops"])
    ledger.mark_failed([1], at(seconds=1), "503 from hooks.example.org", at(minutes=1))


@pytest.fixture
def filled(database: Path) -> Path:
    store = Store.open(database, clock=ManualClock())

    async def submit() -> None:
        await store.writer.submit(fill)

    asyncio.run(submit())
    store.close()
    return database


@pytest.fixture
def run(filled: Path) -> Run:
    """Run a command on the database; `--database` stands at the end."""

    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(tagdrift, [*map(str, arguments), "--database", str(filled)])

    return invoke


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_stats_say_what_is_there(run: Run, filled: Path) -> None:
    shown = run("db", "stats")
    assert shown.exit_code == 0
    for part in (str(filled), "observations", "2024-10-16 12:00 to 2024-10-16 15:00 UTC", "none", "0002"):
        assert part in shown.stdout
    assert answer(run("db", "stats", "--format", "json"))["rows"]["observations"] == 5


def test_stats_of_an_empty_database_say_none(database: Path, clock: ManualClock) -> None:
    store = Store.open(database, clock=clock)
    shown = CliRunner().invoke(tagdrift, ["db", "stats", "--database", str(database)])
    store.close()
    assert f"process {os.getpid()}" in shown.stdout


def test_a_backup_is_taken_over_by_adopt(run: Run, filled: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    done = run("db", "backup", backup)
    assert (done.exit_code, done.stdout.split(":")[0]) == (0, str(backup))
    shutil.copy(backup, filled)
    filled.with_name("tagdrift.db.identity").unlink()
    assert run("db", "check").exit_code == 1
    assert "taken over as it was after 1 commits" in run("db", "adopt").stdout
    whole = run("db", "check")
    assert (whole.exit_code, whole.stdout) == (0, f"{filled}: whole\n")


def test_upgrade_has_nothing_to_do_with_a_database_that_is_up_to_date(run: Run, filled: Path) -> None:
    assert run("db", "upgrade").stdout == f"{filled}: up to date\n"


def test_prune_deletes_what_is_older(run: Run, filled: Path) -> None:
    assert run("db", "prune", "--older-than", "10m").stdout == "5 observations deleted\n"
    assert rows(filled, "SELECT count(*) FROM readings")[0][0] > 1
    wrong = run("db", "prune", "--older-than", "soon")
    assert wrong.exit_code == 2
    assert "write it like 90s, 2h30m or 7d" in wrong.output


def test_what_care_has_done_is_told_to_machines_too(run: Run, filled: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    as_json = ("--format", "json")
    assert answer(run("db", "upgrade", *as_json)) == {"file": str(filled), "upgraded": False, "kept": None}
    kept = answer(run("db", "backup", backup, *as_json))
    assert kept == {"file": str(backup), "bytes": backup.stat().st_size}
    assert answer(run("db", "check", *as_json)) == {"file": str(filled), "whole": True, "wrong": []}
    shutil.copy(backup, filled)
    filled.with_name("tagdrift.db.identity").unlink()
    damaged = run("db", "check", *as_json)
    assert damaged.exit_code == 1
    told = json.loads(damaged.stdout)
    assert (told["whole"], len(told["wrong"])) == (False, 1)
    taken = answer(run("db", "adopt", *as_json))
    assert (taken["file"], taken["commits"]) == (str(filled), 1)
    pruned = answer(run("db", "prune", "--older-than", "10m", *as_json))
    assert pruned["observations"] == 5


def test_prune_goes_by_the_configuration(filled: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[daemon]\ndatabase = "{filled}"\nkeep_observations = "1d"\n')
    done = CliRunner().invoke(tagdrift, ["db", "prune", "--config", str(config)])
    assert done.stdout == "5 observations deleted\n", done.output


def test_a_database_that_is_not_there_is_told_with_status_1(tmp_path: Path) -> None:
    for command in (["db", "stats"], ["sql", "SELECT 1"], ["history", "x"], ["deliveries"], ["db", "adopt"]):
        done = CliRunner().invoke(tagdrift, [*command, "--database", str(tmp_path / "none.db")])
        assert (done.exit_code, done.stdout) == (1, "")
        assert "none.db: there is no database; `tagdrift run` makes it" in done.stderr


# --- sql ------------------------------------------------------------------------------------------


def test_sql_shows_a_table(run: Run) -> None:
    done = run("sql", "SELECT target, outcome, NULL AS empty, x'00ff' AS bytes FROM observation_log LIMIT 1")
    assert done.exit_code == 0
    assert NAME in done.stdout
    assert "00ff" in done.stdout
    assert run("sql", "SELECT 1 WHERE 0").stdout == "No rows.\n"


def test_sql_gives_json(run: Run) -> None:
    found = answer(
        run("sql", "SELECT outcome, count(*) AS n, x'ff' AS b FROM observation_log", "--format", "json")
    )
    assert found == {"rows": [{"outcome": "good", "n": 5, "b": "ff"}], "cut": False}


def test_sql_says_when_rows_were_cut(run: Run) -> None:
    done = run("sql", "SELECT at FROM observation_log", "--limit", "2")
    assert "there are more rows; --limit 2 cut them" in done.stderr
    assert done.stdout.count("2024-10-16T") == 2


def test_sql_refuses_to_write(run: Run) -> None:
    done = run("sql", "DELETE FROM observations")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "only reading is allowed here" in done.stderr


# --- history and deliveries -----------------------------------------------------------------------


def test_history_tells_the_story_of_a_target(run: Run) -> None:
    done = run("history", NAME)
    assert done.exit_code == 0
    said = [" ".join(line.split()) for line in done.stdout.splitlines() if "2024-" in line]
    said = [re.sub(r"2024-10-16 \S+ ?", "", line) for line in said]
    assert said == [
        "2 metadata 20241008",
        "1 metadata 20241008, 20241016",
        "1 metadata unreachable: timed out after 30 s",
        "fired 1 [behind] late",
        "1 metadata 20241008, 20241016",
        "scheme_changed now semver",
    ]


def test_history_of_a_list_says_what_came_and_went(database: Path, run: Run) -> None:
    def releases(*tags: str) -> Reading:
        return Reading(releases=tuple(Release(tag=tag, version=tag) for tag in tags))

    def record(ledger: Ledger) -> None:
        for minute, tags in enumerate((["a"], ["a", "b"], ["b"], [], [str(n) for n in range(9)])):
            ledger.observe(look(releases(*tags), at(minutes=minute), Side.RELEASES, target="list"))
        linked = Reading(releases=releases(*[str(n) for n in range(9)]).releases, link="https://example.org")
        ledger.observe(look(linked, at(minutes=9), Side.RELEASES, target="list"))

    visit(database, record, clock=SystemClock())
    said = [" ".join(line.split()) for line in run("history", "list").stdout.splitlines()]
    lines = [line.split(" releases ", 1)[1] for line in said if " releases " in line]
    assert lines == [
        "a",
        "+ b",
        "- a",
        "- b",
        "9, the last of them + 4, + 5, + 6, + 7, + 8",
        "as before, but for details: 9, the last of them 4, 5, 6, 7, 8",
    ]


def test_history_can_be_narrowed(run: Run) -> None:
    assert run("history", NAME, "--since", "1h").stdout == "Nothing in this time.\n"
    assert run("history", NAME, "--limit", "1").stdout.count("2024-10-16") == 1
    assert run("history", NAME, "--since", "soon").exit_code == 2
    unknown = run("history", "nobody")
    assert unknown.exit_code == 1
    assert "no target 'nobody' was ever looked at" in unknown.stderr


def test_history_gives_json(run: Run) -> None:
    found = answer(run("history", NAME, "--format", "json"))
    assert found["target"] == NAME
    assert found["readings"][0]["first_at"] == "2024-10-16T12:00:00Z"
    assert [event["kind"] for event in found["events"]] == ["fired", "scheme_changed"]


def test_deliveries_show_what_waits_and_why(run: Run) -> None:
    done = run("deliveries")
    assert "503 from hooks.example.org" in done.stdout
    assert "2024-10-16 12:01:00" in done.stdout
    assert "\x1b" not in done.stdout
    assert run("deliveries", "--receiver", "nobody").stdout == "No messages.\n"


def test_deliveries_can_be_narrowed_and_give_json(run: Run) -> None:
    found = answer(
        run("deliveries", "--alert", "1", "--state", "queued", "--receiver", "ops", "--format", "json")
    )
    (row,) = found["deliveries"]
    assert (row["notification"]["receiver"], row["attempts"], row["state"]) == ("ops", 1, "queued")
    assert len(answer(run("deliveries", "--limit", "1", "--format", "json"))["deliveries"]) == 1

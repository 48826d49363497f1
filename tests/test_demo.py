"""The demo tells the founding incident as it was, by the real program, and leaves its history behind."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import tagdrift
from monitor.cli.commands.demo import QUERIES


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("demo")
    result = CliRunner().invoke(tagdrift, ["demo", "--directory", str(folder)])
    assert result.exit_code == 0, result.output
    return result.output, folder / "tagdrift.db"


def test_it_tells_the_story_in_order_with_its_instants(told: tuple[str, Path]) -> None:
    story = [
        r"15:40:00  20241016 is published",
        r"15:45:00  observed: drift since 15:40:00 \(published, says GitHub\); it would fire at 17:40:00",
        r"17:40:00  both sides read again.*Alert 1 fires \(17:40:00\)",
        r"\[behind\] python-build-standalone: latest-release.json names 20241008; 20241016 is out",
        r"since 15:40 UTC \(2 h 00 min, published by GitHub\)\. 1 release missing\.",
        r"Confirmed 17:40:00, served from a cache, age 12 s\.",
        r"21:49:04  latest-release.json names 20241016 at last",
        r"21:50:00  observed: nothing is missing any more. Alert 1 is resolved \(21:50:00\)",
        r"22:00:00  the chat receives:\n.*\[resolved\] python-build-standalone",
    ]
    assert re.search(".*".join(f"(?:{line})" for line in story), told[0], re.DOTALL), told[0]
    assert "not known" in told[0]


def test_the_history_it_leaves_answers_the_queries_it_prints(told: tuple[str, Path]) -> None:
    output, database = told
    answers = []
    with closing(sqlite3.connect(database)) as connection:
        for query in QUERIES:
            assert query in output
            answers.append(connection.execute(query).fetchall())
    current, alerts, deliveries = answers
    assert current == [("python-build-standalone", "in step", "20241016", "20241016", 0)]
    assert alerts == [
        (
            "behind",
            "2024-10-16T15:40:00Z",
            "2024-10-16T17:40:00Z",
            "2024-10-16T21:50:00Z",
            "20241008",
            "20241016",
        )
    ]
    assert [(row[1], row[2], row[3]) for row in deliveries] == [
        ("chat", "first", "delivered"),
        ("chat", "resolved", "delivered"),
    ]


def test_it_ends_by_offering_a_backtest_that_works(told: tuple[str, Path]) -> None:
    output, database = told
    last = output.rstrip().splitlines()[-1].split()
    assert last[:2] == ["tagdrift", "backtest"]
    result = CliRunner().invoke(tagdrift, [*last[1:], "--format", "json"])
    assert result.exit_code == 0, result.output
    fired = [
        [alert["fired_at"] for alert in each["alerts"]] for each in json.loads(result.stdout)["thresholds"]
    ]
    assert fired == [["2024-10-16T16:10:00Z"], ["2024-10-16T17:40:00Z"], ["2024-10-16T21:40:00Z"]]
    assert str(database) in last

"""The table of the campaign: one row a fault, from the tests that there are and what became of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.campaign.__main__ import result
from tests.campaign.table import render

ROOT = Path(__file__).parents[1]
HELD = {"at": "2026-11-24", "times": 3, "seconds": 2.5, "figures": [], "wrong": []}
TESTS = """
import pytest

@pytest.mark.fault("fire", how="a match", promise="water")
@pytest.mark.parametrize("number", [1, 2])
def test_fire(number, record_property):
    record_property("times", 10)
    record_property("figure", f"{number} buckets")

@pytest.mark.fault("flood", how="rain", promise="a boat")
def test_flood():
    assert "boat" == "raft"

def test_of_no_fault():
    pass
"""


def fault(name: str, how: str = "so", file: str = "tests/test_x.py", **more: str) -> dict[str, Any]:
    return {"name": name, "how": how, "promise": "it holds", "file": file} | more


def rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| fault")]


def test_tests_of_one_fault_are_one_row_whose_times_are_summed() -> None:
    tests = {"a": fault("fire"), "b": fault("fire"), "c": fault("fire", how="")}
    page = render(tests, {"a": HELD, "b": HELD | {"figures": ["5 MB"]}, "c": HELD})
    assert rows(page) == ["| fire | so | it holds | 9 | held (5 MB) | 2026-11-24, 8 s |"]


def test_a_row_says_what_was_not_run_and_what_failed() -> None:
    tests = {"a": fault("fire"), "b": fault("flood"), "c": fault("fire")}
    page = render(tests, {"a": HELD | {"wrong": ["test_x: no | water"]}, "gone": HELD})
    assert rows(page) == [
        "| fire | so | it holds | 3 | **failed**: test_x: no \\| water | 2026-11-24, 2 s |",
        "| flood | so | it holds | 0 | not run yet | never |",
    ]
    assert "2 faults: 0 held, 1 failed, 1 not run yet." in page
    assert "held (1 of 2 tests not run yet)" in render(tests, {"a": HELD})


def test_rows_are_grouped_by_what_they_name_or_where_they_are() -> None:
    tests = {
        "a": fault("fire", group="Power"),
        "b": fault("flood", file="tests/real/test_disk.py"),
        "c": fault("frost", file="tests/real/test_mail.py"),
    }
    headings = [line for line in render(tests, {}).splitlines() if line.startswith("## ")]
    assert headings == ["## Disk", "## Power", "## Real components"]


def test_what_was_not_come_to_is_a_failure() -> None:
    ran = {"cases": 2, "times": 2, "seconds": 1.0, "figures": [], "wrong": []}
    assert result(2, ran)["wrong"] == []
    assert result(5, ran)["wrong"] == ["ended before 3 of 5 cases were done"]
    assert result(1, {})["wrong"] == ["ended before 1 of 1 cases were done"]


def test_a_run_notes_what_became_of_each_test_of_a_fault(tmp_path: Path) -> None:
    (tmp_path / "test_faults.py").write_text(TESTS)
    record = tmp_path / "record.json"
    options = ["-n", "0", "-p", "tests.campaign.recording", f"--record-faults={record}", "-m", "fault"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    noted = json.loads(record.read_text())
    fire, flood = sorted(noted["runs"])
    assert noted["tests"][fire] | {"file": ""} == {
        "name": "fire", "how": "a match", "promise": "water", "cases": 2, "file": ""
    }  # fmt: skip
    ran = noted["runs"][fire]
    assert (ran["cases"], ran["times"], ran["figures"], ran["wrong"]) == (
        2,
        20,
        ["1 buckets", "2 buckets"],
        [],
    )
    assert noted["runs"][flood]["wrong"] == ["test_flood: AssertionError: assert 'boat' == 'raft'"]

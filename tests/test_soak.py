"""Months of fifty targets of which one answer in twenty is wrong, on a clock moved by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.soak import verdict

ROOT = Path(__file__).parents[1]


@pytest.mark.fault(
    "one answer in twenty is wrong",
    how="50 targets for a month, in the campaign a year, on a clock moved by hand: 503, 404, reset, HTML, "
    "nothing, cut, shrunk, emptied, stale; a restart every five days",
    promise="each drift is told once when it fires and once when it ends, and nothing else is told; resident "
    "memory grows by less than 10 MB, open descriptors do not grow",
)
@pytest.mark.parametrize(
    "days",
    [pytest.param(30, marks=pytest.mark.real), pytest.param(365, marks=pytest.mark.campaign)],
    ids=["a month", "a year"],
)
def test_each_drift_is_told_once_and_nothing_grows(
    days: int, record_property: Callable[[str, object], None]
) -> None:
    command = [sys.executable, "-m", "tests.soak", "--days", str(days), "--targets", "50"]
    printed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    report: dict[str, Any] = json.loads(printed)
    faults = sum(report["faults"].values())
    drifts = sum(len(drifts) for drifts in report["late"].values())
    grown = max(report["megabytes"]) - report["megabytes"][0]
    record_property("times", faults)
    record_property(
        "figure",
        f"{days} days in {report['seconds']:.0f} s: {report['answers']:,} answers, {drifts} drifts, "
        f"{report['messages']} messages, grown by {grown:.1f} MB",
    )
    wrong = verdict(report)
    assert not wrong, "; ".join(reversed(wrong))
    assert faults >= report["answers"] / 20
    assert drifts >= days / 3

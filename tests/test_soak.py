"""A month of fifty targets of which one answer in twenty is wrong, on a clock moved by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.soak import verdict

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.campaign


def test_a_month_with_faults_tells_each_drift_once_and_grows_nothing() -> None:
    command = [sys.executable, "-m", "tests.soak", "--days", "30", "--targets", "50"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    report: dict[str, Any] = json.loads(printed)
    assert verdict(report) == []
    assert sum(report["faults"].values()) > 1000
    assert sum(len(drifts) for drifts in report["late"].values()) >= 10

"""A pytest plugin that writes down what became of every test marked `fault`: `-p tests.campaign.recording`.

What it knows so far is in the file of `--record-faults` after every test, so that a run that is killed has
lost nothing but the test that it was at.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

LEVELS = ("campaign", "real")
ROOT = str(Path(__file__).parents[2])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-faults", type=Path, required=False, help="where to write what became of them")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--record-faults")
    if path is not None:
        config.pluginmanager.register(Recorder(path), "faults")


class Recorder:
    """`tests` says which row each test belongs to, `runs` what became of those that ran."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tests: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, dict[str, Any]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            told = row_of(item)
            if told is not None:
                test = self._tests.setdefault(key_of(item, told), {"cases": 0})
                test.update({"file": item.nodeid.split("::", maxsplit=1)[0]} | told)
                test["cases"] += 1
        self._write()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        told = row_of(item)
        if told is not None:
            self._note(key_of(item, told), report)
        return report

    def _note(self, key: str, report: pytest.TestReport) -> None:
        run = self._runs.setdefault(key, {"cases": 0, "times": 0, "seconds": 0.0, "figures": [], "wrong": []})
        run["seconds"] = round(run["seconds"] + report.duration, 1)
        if report.failed:
            run["wrong"].append(_sentence(report))
        if report.when == "call":
            told = dict(report.user_properties)
            run["times"] += int(str(told.get("times", 1)))
            run["figures"] += [str(told["figure"])] if "figure" in told else []
        run["cases"] += report.when == "teardown"
        self._write()

    def _write(self) -> None:
        self._path.write_text(json.dumps({"tests": self._tests, "runs": self._runs}))


def row_of(item: pytest.Item) -> dict[str, str] | None:
    """Return name, how, promise and perhaps group of the fault that this test tries."""
    marker = item.get_closest_marker("fault")
    if marker is None:
        return None
    return dict(zip(("name", "how", "promise"), marker.args, strict=False)) | marker.kwargs


def key_of(item: pytest.Item, told: dict[str, str]) -> str:
    """Return one key for all cases of a test that are of one row, and tried equally long."""
    level = next((level for level in LEVELS if item.get_closest_marker(level)), "quick")
    return f"{item.nodeid.split('[')[0]} [{level}] {told['name']}"


def _sentence(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    said = crash.message if crash is not None else str(report.longrepr)
    first = next(iter(said.replace(f"{ROOT}/", "").splitlines()), "")[:300]
    return f"{report.nodeid.split('::', maxsplit=1)[-1]}: {first}"

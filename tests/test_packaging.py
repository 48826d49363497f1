"""What pyproject.toml and constraints.txt promise, held against the tree."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.floors import patterns, pure_rooms
from tests.wheel import wanted

PROJECT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text())
NEEDED = [Requirement(text) for text in SETTINGS["project"]["dependencies"]]
FOR_TESTS = [Requirement(text) for text in SETTINGS["project"]["optional-dependencies"]["test"]]
CONSTRAINTS = [
    line for line in (PROJECT / "constraints.txt").read_text().splitlines() if not line.startswith("#")
]


def third_parties() -> set[str]:
    """Return the distributions that the code imports, at the top or inside of a function."""
    owners = packages_distributions()
    roots = {
        name.partition(".")[0]
        for path in (PROJECT / "monitor").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
    }
    foreign = roots - set(sys.stdlib_module_names) - {"monitor"}
    return {canonicalize_name(owner) for root in foreign for owner in owners.get(root, [f"? {root}"])[:1]}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_nothing_is_imported_that_is_not_declared() -> None:
    # Only the delivery's child meets requests: it watches the session of Apprise, which depends on it.
    declared = {canonicalize_name(each.name) for each in NEEDED} | {"requests"}
    assert third_parties() - declared == set()


def test_the_command_leads_into_the_program() -> None:
    (point,) = entry_points(group="console_scripts", name="tagdrift")
    assert callable(point.load())


@pytest.mark.parametrize("requirement", [*NEEDED, *FOR_TESTS], ids=str)
def test_the_recorded_versions_are_allowed(requirement: Requirement) -> None:
    recorded = dict(line.split("==") for line in CONSTRAINTS)
    versions = {canonicalize_name(name): Version(version) for name, version in recorded.items()}
    assert versions[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_recorded_versions_name_no_index_and_no_file() -> None:
    assert [line for line in CONSTRAINTS if len(line.split("==")) != 2 or "/" in line or "-e" in line] == []


def test_every_file_that_the_wheel_should_carry_is_in_the_tree() -> None:
    places = dict(wanted(PROJECT))
    carried = {Path(place).name for place, path in places.items() if path.is_file()}
    assert {"tagdrift.service", "tagdrift.conf", "config.example.toml", "env.py", "child.py"} <= carried
    assert [place for place, path in places.items() if not path.is_file()] == []


def test_coverage_takes_the_floors_from_the_contract() -> None:
    rooms = pure_rooms(PROJECT)
    assert {"monitor.model", "monitor.detector", "monitor.versions"} <= set(rooms)
    assert "monitor/detector.py,monitor/detector/*" in patterns(rooms)


def test_python_3_11_to_3_13_are_what_it_says_it_runs_on() -> None:
    classifiers = [text for text in SETTINGS["project"]["classifiers"] if "Python :: 3." in text]
    assert SETTINGS["project"]["requires-python"] == ">=3.11"
    assert [text.rpartition(".")[2] for text in classifiers] == ["11", "12", "13"]

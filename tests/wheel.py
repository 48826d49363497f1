"""Look into a built wheel: `python -m tests.wheel FILE` fails with the names of what it lacks."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

PROJECT = Path(__file__).parent.parent


def wanted(project: Path) -> Iterator[tuple[str, Path]]:
    """Yield the place in the wheel of each file of the tree that must be there."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())
    name, version = settings["project"]["name"], settings["project"]["version"]
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    for path in _files(project / "monitor"):
        yield str(path.relative_to(project)), path
    for source, place in wheel["force-include"].items():
        for path in _files(project / source):
            yield str(Path(place) / path.relative_to(project / source)), path
    for source, place in wheel["shared-data"].items():
        yield f"{name}-{version}.data/data/{place}", project / source


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    yield from (each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts)


def lacks(wheel: Path, project: Path) -> list[str]:
    """Return what is not in the wheel, or is not there as it is in the tree."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        lacking = [
            place
            for place, path in wanted(project)
            if place not in names or archive.read(place) != path.read_bytes()
        ]
        lacking += [f"what it should, but for {name}" for name in names if name.endswith(".pyc")]
        points = next((name for name in names if name.endswith(".dist-info/entry_points.txt")), None)
        if points is None or b"tagdrift = monitor.cli:main" not in archive.read(points):
            lacking.append("the command tagdrift")
        return lacking


if __name__ == "__main__":
    found = lacks(Path(sys.argv[1]), PROJECT)
    print("\n".join(f"the wheel lacks {each}" for each in found) or f"{Path(sys.argv[1]).name}: whole")
    sys.exit(bool(found))

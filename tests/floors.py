"""Print which files are pure, for `coverage report --include`: the contract in pyproject.toml says so."""

from __future__ import annotations

import tomllib
from pathlib import Path

CONTRACT = "Pure rooms stay pure"


def pure_rooms(project: Path) -> tuple[str, ...]:
    """Return the modules that import-linter holds to be pure."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    return tuple(next(each["source_modules"] for each in contracts if each["name"] == CONTRACT))


def patterns(modules: tuple[str, ...]) -> str:
    """Return the files of these modules, each either a file or a folder."""
    paths = [module.replace(".", "/") for module in modules]
    return ",".join(f"{path}.py,{path}/*" for path in paths)


if __name__ == "__main__":
    print(patterns(pure_rooms(Path(__file__).parent.parent)))

"""Reading the configuration in a process of its own changes nothing but what is carried afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.apart import load_apart
from monitor.errors import ConfigError

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


def test_what_is_read_apart_is_what_is_read_here() -> None:
    assert load_apart(EXAMPLE) == load(EXAMPLE)


def test_every_problem_is_said_as_it_is_here(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[deamon]\n[targets.x]\ninterval = 'soon'\n")
    with pytest.raises(ConfigError) as here:
        load(path)
    with pytest.raises(ConfigError) as apart:
        load_apart(path)
    assert apart.value.problems == here.value.problems


def test_a_secret_of_the_environment_is_found(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[receivers.ops]\nurl = { env = "OPS" }\n' + EXAMPLE.read_text().split("[receivers", 1)[0]
    )
    loaded = load_apart(path, {**os.environ, "OPS": "json://127.0.0.1:1/ops"})
    assert loaded.receivers == {"ops": "json://127.0.0.1:1/ops"}


def test_reading_apart_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom monitor.config.apart import load_apart\n"
        "load_apart(Path(sys.argv[1]))\nprint('pydantic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(EXAMPLE)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"

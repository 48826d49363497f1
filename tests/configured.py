"""Configurations of tests: what is said of a text, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor import config
from monitor.config import Config, Wanted
from monitor.errors import ConfigError

PAIR = """
metadata = { kind = "json", url = "https://meta.example/latest.json", path = "$.tag" }
releases = { kind = "github", repo = "owner/name" }
"""
TARGET = f"[targets.a]{PAIR}"
RECEIVER = '[receivers.ops]\nurl = { env = "OPS" }\n'
OPS = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"


def written(folder: Path, text: str) -> Path:
    """Return the file with this text."""
    path = folder / "config.toml"
    path.write_text(text)
    return path


def loaded(
    folder: Path, text: str, environ: Mapping[str, str] | None = None, *, wanted: Wanted = Wanted.ALL
) -> Config:
    """Return what this text says."""
    return config.load(written(folder, text), environ or {}, wanted=wanted)


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what is wrong with this text, which must be something."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environ)
    return caught.value.problems


def problem(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the one thing that is wrong with this text."""
    found = problems(folder, text, environ)
    assert len(found) == 1, found
    return found[0]

"""Configurations of tests: what is said of a text, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor import config
from monitor.config import Config, Wanted
from monitor.errors import ConfigError

META = 'metadata = { kind = "json", url = "https://meta.example/latest.json", path = "$.tag" }\n'
DATED = 'releases = { kind = "json", url = "https://l.example/", path = "$[*].tag", date_path = "$[*].at" }\n'
GITHUB = 'releases = { kind = "github", repo = "owner/name" }\n'
PAIR = f"\n{META}{GITHUB}"
TARGET = f"[targets.a]{PAIR}"
RECEIVER = '[receivers.ops]\nurl = { env = "OPS" }\n'
OPS = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
EVERYTHING = f"""
[daemon]
heartbeat_url = {{ env = "BEAT" }}
database = "t.db"
[credentials]
github = {{ credential = "github" }}
{RECEIVER}
[receivers.here]
url = "json://localhost/"
[[routes]]
receivers = ["ops"]
severities = ["critical"]
labels = {{ "a b" = "ü" }}
[policy]
threshold = "3h"
[targets.a]
{META.replace('"$.tag"', '"$.tag", schema = "s.json"')}
releases = {{ kind = "github", repo = "owner/name", token = "github" }}
labels = {{ "a b" = "ü" }}
was = "b"
tags = 'v(?P<version>.*)\\d'
unlisted = "off"
"""


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


def everything(folder: Path) -> Config:
    """Return a configuration in which every section says something."""
    (folder / "s.json").write_text('{"type": "object"}')
    (folder / "github").write_text("t0ken-t0ken")
    return loaded(folder, EVERYTHING, surroundings(folder))


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment in which the secrets of `everything` are found."""
    return {"OPS": OPS, "BEAT": "https://b.example/", "CREDENTIALS_DIRECTORY": str(folder)}

"""One TOML file to one value; every problem at once, with its place, what was found and what would be right.

Importing this room costs nothing: pydantic and the source kinds are imported when a file is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from monitor.config.values import Checked, Config, DaemonConfig, Reference, Wanted

__all__ = ["Checked", "Config", "DaemonConfig", "Reference", "Wanted", "load"]


def load(path: Path, environ: Mapping[str, str] = os.environ, *, wanted: Wanted = Wanted.ALL) -> Config:
    """Return the configuration of this file; a command that sends nothing wants no secrets, and needs none.

    Raises:
        ConfigError: something is wrong with it; all of it is said.
    """
    from monitor.config.building import load_file

    return load_file(path, environ, wanted)

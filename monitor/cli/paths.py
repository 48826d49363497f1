"""Where the configuration is: `--config`, else `$TAGDRIFT_CONFIG`, else `/etc/tagdrift/config.toml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

CONFIG = Path("/etc/tagdrift/config.toml")
VARIABLE = "TAGDRIFT_CONFIG"


def config_path(given: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file to use; whether it exists is another question."""
    if given is not None:
        return given
    named = environ.get(VARIABLE)
    return Path(named) if named else CONFIG

"""All that can be wrong with a configuration, asked where it takes a child process to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.config.building import examined, ground_of
from monitor.config.reading import read_tables
from monitor.config.secrets import DIRECTORY
from monitor.config.usable import unusable
from monitor.config.values import Checked, Wanted
from monitor.errors import ConfigError


def checked(path: Path, environ: Mapping[str, str]) -> Checked:
    """Return every problem and warning; only the credentials of a service we are not part of stay unseen."""
    try:
        document = read_tables(path)
    except ConfigError as error:
        return Checked(problems=error.problems, warnings=())
    is_outside = DIRECTORY not in environ
    ground = ground_of(path.absolute().parent, environ, Wanted.ALL, beyond_reach=is_outside)
    config, problems = examined(document, ground)
    for name, sentence in unusable(config).items():
        problems.add(("receivers", name, "url"), sentence)
    found = tuple(problems.found)
    return Checked(problems=found, warnings=tuple(problems.warnings), config=None if found else config)

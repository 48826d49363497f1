"""All that can be wrong with a configuration, asked where it takes a child process to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.config.building import examined, ground_of
from monitor.config.reading import read_tables
from monitor.config.secrets import DIRECTORY
from monitor.config.values import Checked, Config, Wanted
from monitor.errors import ConfigError
from monitor.receivers import check_addresses


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


def unusable(config: Config) -> dict[str, str]:
    """Return a sentence, without the URL, for each receiver whose URL Apprise does not understand."""
    return check_addresses({name: url for name, url in config.receivers.items() if "://" in url})

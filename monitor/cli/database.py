"""Where the database is, for commands that read or write it beside the daemon."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.status import Status
    from monitor.store import Ledger, Reader

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def database_option(function: F) -> F:
    """Add `--database`; the command gets `database: Path | None`, None where the configuration says."""
    return click.option(
        "--database",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The database; by default the one of the configuration.",
    )(function)


def database_of(given: Path | None, config_path: Path) -> Path:
    """Return the database to use; what else the configuration says does not matter here.

    Raises:
        ConfigError: the configuration is needed and cannot be used.
    """
    if given is not None:
        return given
    from monitor import config

    return config.load(config_path, os.environ, wanted=config.Wanted.NONE).daemon.database


def reader_of(given: Path | None, config_path: Path) -> Reader:
    """Return what reads the database, also where the configuration cannot be used any more.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    from monitor.store import Reader

    return Reader(running_database(given, config_path))


def write(path: Path, job: Callable[[Ledger], T]) -> T:
    """Run one job against the database; a running daemon takes it up within two seconds.

    Raises:
        StoreError: the database refuses.
    """
    from monitor.clock import SystemClock
    from monitor.store import visit

    return visit(path, job, clock=SystemClock())


def who() -> str:
    """Return who gives the command, as the history will say."""
    sudo = os.environ.get("SUDO_USER")
    if sudo:
        return sudo
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def running_database(given: Path | None, config_path: Path) -> Path:
    """Return the database that a running daemon is likely to have, also where the file is bad by now."""
    try:
        return database_of(given, config_path)
    except ConfigError:
        from monitor.config.daemon import database_of as configured

        return configured(_named_in(config_path), os.environ, config_path.parent)


def _named_in(config_path: Path) -> str | None:
    import tomllib

    try:
        named = tomllib.loads(config_path.read_text()).get("daemon", {}).get("database")
    except (OSError, ValueError, AttributeError):
        return None
    return named if isinstance(named, str) else None


def picture_without_targets(given: Path | None, config_path: Path) -> tuple[Status, Reader]:
    """Return how the daemon itself stands, and what reads the rest, where the configuration cannot be used.

    Raises:
        StoreError: the database cannot be read.
    """
    from monitor.clock import SystemClock
    from monitor.config import Config, DaemonConfig
    from monitor.service.picturing import picture_of_database

    path = running_database(given, config_path)
    reader = reader_of(path, config_path)
    nothing = Config(daemon=DaemonConfig(database=path))
    return picture_of_database(reader, nothing, SystemClock().now(), str(path)), reader


def picture(given: Path | None, config_path: Path) -> Status:
    """Return how everything stands, as the database knows it.

    Raises:
        ConfigError: the configuration cannot be used.
        StoreError: the database cannot be read.
    """
    from monitor import config
    from monitor.clock import SystemClock
    from monitor.service.picturing import picture_of_database
    from monitor.store import Reader

    loaded = config.load(config_path, os.environ, wanted=config.Wanted.NONE)
    path = given or loaded.daemon.database
    return picture_of_database(Reader(path), loaded, SystemClock().now(), str(path))

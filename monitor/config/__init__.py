"""One TOML file to one value; every problem at once, with its place, what was found and what would be right.

Importing this room costs nothing: pydantic and the source kinds are imported when a file is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.config.values import Checked, Config, DaemonConfig, Flags, Reference, Wanted

if TYPE_CHECKING:
    from monitor.config.difference import Difference

__all__ = [
    "Checked",
    "Config",
    "DaemonConfig",
    "Flags",
    "Reference",
    "Wanted",
    "check",
    "described_kinds",
    "differs",
    "draft",
    "fingerprint",
    "load",
    "quick",
    "recorded",
    "schema",
    "shown",
    "unusable_receivers",
    "write",
]


def load(path: Path, environ: Mapping[str, str] = os.environ, *, wanted: Wanted = Wanted.ALL) -> Config:
    """Return the configuration of this file; a command that sends nothing wants no secrets, and needs none.

    Raises:
        ConfigError: something is wrong with it; all of it is said.
    """
    from monitor.config.building import load_file

    return load_file(path, environ, wanted)


def check(path: Path, environ: Mapping[str, str] = os.environ) -> Checked:
    """Return all that is wrong with this file and all that will surprise, for a person who asks.

    Apprise is asked too, in a child process. A credential that only the service sees is a warning.
    """
    from monitor.config.checking import checked

    return checked(path, environ)


def unusable_receivers(config: Config) -> Mapping[str, str]:
    """Return a sentence by name for each receiver that Apprise does not understand; asks a child process."""
    from monitor.config.usable import unusable

    return unusable(config)


def quick(flags: Flags, environ: Mapping[str, str] = os.environ) -> Config:
    """Return a configuration of one target, made from flags instead of a file.

    Raises:
        ConfigError: the flags do not make one.
    """
    from monitor.config.flags import quick_config

    return quick_config(flags, environ)


def draft(flags: Flags) -> str:
    """Return a commented file that says what the flags say; no secret is fetched.

    Raises:
        ConfigError: the flags do not make a configuration.
    """
    from monitor.config.flags import drafted

    return drafted(flags)


def described_kinds() -> list[dict[str, Any]]:
    """Return every source kind with its keys and an example, as a person or a program may be shown it."""
    from monitor.config.describing import kinds_of_source

    return kinds_of_source()


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the file, every source kind included."""
    from monitor.config.describing import schema_of_file

    return schema_of_file()


def shown(config: Config) -> dict[str, Any]:
    """Return the configuration with every default filled in, and references in place of secrets.

    Written as TOML it is a configuration that means the same.
    """
    from monitor.config.showing import shown_tables

    return shown_tables(config)


def recorded(config: Config) -> str:
    """Return as JSON, without secrets, what a history has to know of a configuration: each target's table."""
    from monitor.config.showing import recorded as written

    return written(config)


def write(document: Mapping[str, Any]) -> str:
    """Return these tables as TOML."""
    from monitor.config.showing import written_toml

    return written_toml(document)


def differs(old: Config, new: Config) -> Difference:
    """Return what a reload from one to the other changes, and how."""
    from monitor.config.difference import difference

    return difference(old, new)


def fingerprint(config: Config) -> str:
    """Return 16 hexadecimal digits that change with anything but the value of a secret."""
    from monitor.config.difference import digest

    return digest(config)

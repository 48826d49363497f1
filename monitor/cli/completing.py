"""Names from the configuration, for a shell that completes them; whatever goes wrong, there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from monitor.cli.paths import config_path

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def _names_in(section: str) -> Completer:
    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 click's signature
        given = ctx.params.get("config_path")
        path = given if isinstance(given, Path) else config_path(None)
        return [name for name in _read(path, section) if name.startswith(incomplete)]

    return complete


def _read(path: Path, section: str) -> Iterable[str]:
    from monitor.config.reading import read_tables
    from monitor.errors import ConfigError

    try:
        # The tables alone: a complete look at the configuration would take longer than a keystroke.
        tables = read_tables(path).get(section)
    except ConfigError:
        return ()
    return sorted(tables) if isinstance(tables, dict) else ()


def targets_in(path: Path) -> tuple[str, ...]:
    """Return the names of the targets of this configuration; none where it cannot be read."""
    return tuple(_read(path, "targets"))


complete_targets = _names_in("targets")
"""For `shell_complete=` of an argument or option that names a target."""

complete_receivers = _names_in("receivers")
"""For `shell_complete=` of an argument or option that names a receiver."""

"""`tagdrift config`: begin, check, describe and show the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.failures import UNUSABLE, Failed
from monitor.cli.listing import Listing
from monitor.cli.options import Format, config_option, examples, format_option
from monitor.cli.output import show_json, show_line, show_note
from monitor.cli.target_flags import TargetFlags, target_flags

if TYPE_CHECKING:
    from monitor.config import Checked

STANDARD_OUTPUT = Path("-")


@click.group(
    cls=Listing, epilog=examples("tagdrift config check", "tagdrift config show --config ./config.toml")
)
def command() -> None:
    """Begin, check, describe and show the configuration."""


@command.command(
    epilog=examples(
        "tagdrift config init --github astral-sh/python-build-standalone \\",
        "      --metadata https://… --path '$.tag' --token-env GITHUB_TOKEN",
        "tagdrift config init --git https://git.example/p.git --metadata https://… --output -",
    )
)
@target_flags
@config_option
@click.option(
    "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to write; - is standard output."
)
def init(config_path: Path, flags: TargetFlags, output: Path | None) -> None:
    """Write a configuration with one target; a file that is there already is left alone."""
    from monitor.config import draft

    path, text = output or config_path, draft(flags)
    if path == STANDARD_OUTPUT:
        click.echo(text, nl=False)
        return
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Failed(f"{path} is there already, and is left alone; name another with --output") from None
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from None
    show_line(f"wrote {path}; next: tagdrift config check --config {path}")


@command.command(epilog=examples("tagdrift config check", "tagdrift config check --format json"))
@config_option
@format_option
@click.pass_context
def check(ctx: click.Context, config_path: Path, form: Format) -> None:
    """Say everything that is wrong with the configuration, and what will surprise.

    Apprise is asked whether it understands each receiver; nothing is sent. Exit status: 0 it can be used,
    2 it cannot.
    """
    from monitor import config

    checked = config.check(config_path, os.environ)
    if form is Format.JSON:
        found = {"problems": checked.problems, "warnings": checked.warnings}
        show_json({"file": config_path, "usable": not checked.problems, **found})
    else:
        _show(checked, config_path)
    ctx.exit(UNUSABLE if checked.problems else 0)


@command.command(epilog=examples("tagdrift config schema > tagdrift.schema.json"))
def schema() -> None:
    """Print the JSON Schema of the file, for editors that check while you type."""
    from monitor import config

    show_json(config.schema())


@command.command(epilog=examples("tagdrift config show", "tagdrift config show --format json"))
@config_option
@format_option
def show(config_path: Path, form: Format) -> None:
    """Print what the configuration means: every default filled in, and for secrets where they are kept."""
    from monitor import config

    loaded = config.load(config_path, os.environ, wanted=config.Wanted.NONE)
    tables = config.shown(loaded)
    if form is Format.JSON:
        show_json(tables)
    else:
        click.echo(config.write(tables), nl=False)


def _show(checked: Checked, path: Path) -> None:
    for problem in checked.problems:
        show_line(f"problem: {problem}")
    for warning in checked.warnings:
        show_line(f"warning: {warning}")
    if checked.config is None:
        show_note(f"{path} cannot be used: {_counted(len(checked.problems), 'problem')}")
        return
    targets = _counted(len(checked.config.targets), "target")
    receivers = _counted(len(checked.config.receivers), "receiver")
    warnings = f", {_counted(len(checked.warnings), 'warning')}" if checked.warnings else ""
    show_line(f"{path} can be used: {targets}, {receivers}{warnings}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"

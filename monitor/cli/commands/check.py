"""`tagdrift check`: look now and say how it stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.failures import fails_with
from monitor.cli.options import Format, config_option, examples, format_option
from monitor.cli.target_flags import TargetFlags, target_flags

if TYPE_CHECKING:
    from monitor.service.checking import Checked

COULD_NOT_TELL = 3


@click.command(
    epilog=examples(
        "tagdrift check",
        "tagdrift check python-build-standalone -v",
        "tagdrift check --github astral-sh/python-build-standalone --metadata https://… --path '$.tag'",
    )
)
@click.argument("names", metavar="[TARGET]…", nargs=-1)
@target_flags
@config_option
@format_option
@click.option(
    "-v", "--verbose", is_flag=True, help="Explain: what was asked, what came, what follows from it."
)
@click.pass_context
@fails_with(COULD_NOT_TELL)
def command(
    ctx: click.Context,
    config_path: Path,
    *,
    names: tuple[str, ...],
    flags: TargetFlags,
    form: Format,
    verbose: bool,
) -> None:
    """Look at both sides now and say how they stand; nothing is written to the database.

    Exit status: 0 in step, or behind for less than the threshold; 1 past the threshold (what is malformed
    or unlisted counts at once); 3 could not tell; 2 wrong usage. 1 beats 3.
    """
    import asyncio

    from monitor.service.checking import check, status_of

    config = _configured(ctx, config_path, names, flags)
    checked = asyncio.run(check(config, names))
    if form is Format.JSON:
        _print_json(checked)
    else:
        _print_text(checked, verbose=verbose)
    ctx.exit(status_of(checked))


def _configured(ctx: click.Context, path: Path, names: tuple[str, ...], flags: TargetFlags) -> Any:
    import os

    from monitor import config

    if flags.are_given:
        return flags.config(os.environ)
    loaded = config.load(path, os.environ, wanted=config.Wanted.SOURCES)
    unknown = [name for name in names if name not in loaded.targets]
    if unknown:
        known = ", ".join(loaded.targets)
        raise click.UsageError(f"{path} has no target {unknown[0]!r}; it has {known}", ctx)
    return loaded


def _print_json(checked: list[Checked]) -> None:
    import json

    from monitor.service.explaining import as_json

    click.echo(json.dumps({"targets": [as_json(one) for one in checked]}, indent=2))


def _print_text(checked: list[Checked], *, verbose: bool) -> None:
    from monitor.cli.output import plain
    from monitor.service.explaining import explained, line

    for one in checked:
        click.echo(plain(line(one)))
        for detail in explained(one) if verbose else ():
            click.echo(f"  {plain(detail)}")

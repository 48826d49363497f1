"""`tagdrift import`: give a new target its past."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.completing import complete_targets
from monitor.cli.database import database_of, database_option
from monitor.cli.options import Format, config_option, examples, format_option
from monitor.cli.output import show_done, show_note
from monitor.cli.progress import progress

if TYPE_CHECKING:
    from monitor.model import Target
    from monitor.replay import Imported, RowHistory


@click.command(epilog=examples("tagdrift import history.csv --target python-build-standalone"))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--target",
    metavar="NAME",
    required=True,
    shell_complete=complete_targets,
    help="The target whose past it is; it must be configured, and have none yet.",
)
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, path: Path, target: str, form: Format) -> None:
    """Import a history (CSV: time_utc,source,value) as the past of a target; the daemon must not run.

    It is played under the target's policy. What was over by its end is kept: releases, readings and alerts; a
    drift that still goes on is left for the daemon to find. Nobody is told of anything in it.
    """
    from monitor import replay

    wanted = _configured(config_path, target)
    history = replay.csv_history(path, name=target, pattern=_pattern(wanted))
    where = database_of(database, config_path)
    with progress("importing", history.steps) as step:
        done = asyncio.run(_import(where, history, wanted, step))
    for note in history.notes:
        show_note(note)
    sentence = (
        f"{target}: {done.releases} releases, {done.looks} looks and {done.alerts} alerts until"
        f" {done.until_at:%Y-%m-%d %H:%M} UTC"
    )
    show_done(form, {"target": target} | asdict(done), sentence)


def _configured(config_path: Path, name: str) -> Target:
    import os

    from monitor import config
    from monitor.errors import ConfigError

    targets = config.load(config_path, os.environ, wanted=config.Wanted.NONE).targets
    if name not in targets:
        raise ConfigError((f"{config_path} has no target {name!r}; it has {', '.join(targets)}",))
    return targets[name]


def _pattern(target: Target) -> str | None:
    from monitor import sources

    return sources.pattern_of(target.metadata)


async def _import(where: Path, history: RowHistory, target: Target, step: object) -> Imported:
    from monitor.clock import SystemClock
    from monitor.replay import import_history
    from monitor.store import Store

    clock = SystemClock()
    store = await asyncio.to_thread(Store.open, where, clock=clock)
    try:
        now = clock.now()
        return await store.writer.submit(
            lambda ledger: import_history(ledger, history, target, now, step)  # type: ignore[arg-type] # the history of a CSV
        )
    finally:
        await asyncio.to_thread(store.close)

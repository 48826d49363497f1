"""`tagdrift unsilence`: end a silence before its time."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.database import database_of, database_option, write
from monitor.cli.failures import Failed
from monitor.cli.options import Format, config_option, examples, format_option


@click.command(epilog=examples("tagdrift unsilence 3"))
@click.argument("silence_id", metavar="ID", type=click.IntRange(min=1))
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, silence_id: int, form: Format) -> None:
    """End a silence now: what still fires is told at once."""
    from monitor.cli.output import show_done
    from monitor.clock import SystemClock

    now = SystemClock().now()
    if not write(database_of(database, config_path), lambda ledger: ledger.end_silence(silence_id, now)):
        raise Failed(f"no silence {silence_id} is in force; `tagdrift silences` lists those that are")
    show_done(form, {"silence_id": silence_id}, f"silence {silence_id} is ended")

"""`tagdrift silences`: what is not told at present."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.database import database_option, reader_of
from monitor.cli.options import Format, config_option, examples, format_option

if TYPE_CHECKING:
    from monitor.model import Silence


@click.command(epilog=examples("tagdrift silences", "tagdrift silences --all --format json"))
@click.option("--all", "everything", is_flag=True, help="Those that have ended too.")
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, everything: bool, form: Format) -> None:
    """List the silences in force and to come."""
    from monitor.cli.output import show_json, show_table
    from monitor.clock import SystemClock

    silences = reader_of(database, config_path).silences(None if everything else SystemClock().now())
    if form is Format.JSON:
        show_json({"silences": silences})
        return
    show_table(
        ("id", "what", "until (UTC)", "who", "comment"),
        [
            (str(one.id), _what(one), f"{one.until_at:%Y-%m-%d %H:%M}", one.who, one.comment)
            for one in silences
        ],
        empty="No silences.",
    )


def _what(silence: Silence) -> str:
    parts = (
        silence.target and f"target {silence.target}",
        silence.label and f"label {'='.join(silence.label)}",
        silence.check and f"check {silence.check.value}",
    )
    return ", ".join(part for part in parts if part) or "everything"

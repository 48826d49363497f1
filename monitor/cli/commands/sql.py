"""`tagdrift sql`: ask the database oneself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from monitor.cli.database import database_option, reader_of
from monitor.cli.options import Format, config_option, examples, format_option


@click.command(
    epilog=examples(
        "tagdrift sql 'SELECT target, state, since FROM current'",
        "tagdrift sql 'SELECT * FROM release_lag WHERE lag > 86400' --format json",
    )
)
@click.argument("query")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="The most rows.")
@click.option("--timeout", type=float, default=30.0, show_default=True, help="How many seconds it may take.")
@database_option
@config_option
@format_option
def command(
    config_path: Path, database: Path | None, *, query: str, limit: int, timeout: float, form: Format
) -> None:
    """Run one SELECT; nothing can be changed by it, and the daemon is not disturbed.

    The views are made for this: current, alert_history, release_lag, observation_log, delivery_log. Each
    instant x is text beside its twin x_us, in microseconds; observation_log is found fast by at_us.
    """
    from monitor.cli.output import show_json, show_note, show_table
    from monitor.clock import SystemClock

    reader = reader_of(database, config_path)
    answer = reader.sql(query, SystemClock(), most=limit, wait_for=timedelta(seconds=timeout))
    if form is Format.JSON:
        rows = [dict(zip(answer.columns, map(_plain, row), strict=True)) for row in answer.rows]
        show_json({"rows": rows, "cut": answer.is_cut})
        return
    cells = [[None if cell is None else str(_plain(cell)) for cell in row] for row in answer.rows]
    show_table(answer.columns, cells, empty="No rows.")
    if answer.is_cut:
        show_note(f"there are more rows; --limit {limit} cut them")


def _plain(cell: object) -> object:
    return cell.hex() if isinstance(cell, bytes) else cell

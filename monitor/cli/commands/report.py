"""`tagdrift report`: how targets fared, by what the daemon recorded."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from monitor.cli.completing import complete_targets
from monitor.cli.database import database_option, reader_of
from monitor.cli.history_flags import since_option
from monitor.cli.options import config_option, examples
from monitor.cli.output import show_json
from monitor.cli.progress import progress
from monitor.cli.reporting import report_format_option, show_report


@click.command(
    epilog=examples(
        "tagdrift report", "tagdrift report --since 2026-01-01 --format md", "tagdrift report my-target"
    )
)
@click.argument("names", metavar="[TARGET]…", nargs=-1, shell_complete=complete_targets)
@since_option
@report_format_option
@database_option
@config_option
def command(
    config_path: Path,
    database: Path | None,
    *,
    names: tuple[str, ...],
    since: datetime | None,
    form: str,
) -> None:
    """Sum up alerts, drifts and lags from the daemon's recorded history, per target and overall."""
    from monitor import replay

    reader = reader_of(database, config_path)
    chosen = replay.chosen_targets(reader, names)
    records = {}
    with progress("reading", len(chosen)) as step:
        for name in chosen:
            record = replay.record_of(reader, name)
            if record is not None:
                records[name] = record
            step()
    replay.must_have_any(records, since)
    if form == "json":
        show_json(replay.targets_document(records, since))
    else:
        show_report(replay.targets_report(records, since), form)

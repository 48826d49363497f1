"""`tagdrift unack`: an acknowledgement is taken back."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.database import database_of, database_option, who, write
from monitor.cli.failures import Failed
from monitor.cli.options import Format, config_option, examples, format_option


@click.command(epilog=examples("tagdrift unack 17"))
@click.argument("alert_id", metavar="ID", type=click.IntRange(min=1))
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, alert_id: int, form: Format) -> None:
    """Take back the acknowledgement of an alert: a repeat is due at once."""
    from monitor.cli.output import show_done
    from monitor.clock import SystemClock

    now = SystemClock().now()
    path = database_of(database, config_path)
    if not write(path, lambda ledger: ledger.end_ack(alert_id, now, who())):
        raise Failed(f"alert {alert_id} is not acknowledged; `tagdrift alerts` shows which are")
    show_done(form, {"alert_id": alert_id}, f"alert {alert_id} is no longer acknowledged")

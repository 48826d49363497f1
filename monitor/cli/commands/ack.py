"""`tagdrift ack`: somebody knows."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.database import database_of, database_option, write
from monitor.cli.database import who as whoami
from monitor.cli.failures import Failed
from monitor.cli.options import Format, config_option, examples, format_option


@click.command(epilog=examples("tagdrift ack 17", "tagdrift ack 17 --comment 'the mirror is being rebuilt'"))
@click.argument("alert_id", metavar="ID", type=click.IntRange(min=1))
@click.option("--comment", default="", help="Why, for who reads the history.")
@click.option("--who", default=None, help="Who knows; by default you.")
@database_option
@config_option
@format_option
def command(
    config_path: Path, database: Path | None, *, alert_id: int, comment: str, who: str | None, form: Format
) -> None:
    """Mute the repeats and the escalation of an alert until a newer release is out.

    The alert goes on, and its end is told. A running daemon takes it up within two seconds.
    """
    from monitor.cli.output import show_done
    from monitor.clock import SystemClock
    from monitor.silences import ack_of
    from monitor.store import Ledger

    now = SystemClock().now()
    name = who or whoami()

    def acknowledge(ledger: Ledger) -> str:
        alert = next((alert for alert in ledger.live_alerts() if alert.id == alert_id), None)
        if alert is None or alert.resolved_at is not None:
            raise Failed(f"no alert {alert_id} is firing; `tagdrift alerts` lists those that are")
        ledger.add_ack(ack_of(alert, at=now, who=name, comment=comment))
        return alert.target

    target = write(database_of(database, config_path), acknowledge)
    show_done(
        form,
        {"alert_id": alert_id, "target": target, "who": name},
        f"alert {alert_id} of {target} is acknowledged by {name}: no repeats until a newer release is out",
    )

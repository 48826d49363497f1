"""`tagdrift alerts`: what fires, and what has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.database import database_option, picture, reader_of
from monitor.cli.options import Format, config_option, examples, format_option

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.model import Alert
    from monitor.status import AlertStatus


@click.command(epilog=examples("tagdrift alerts", "tagdrift alerts --all --format json"))
@click.option("--all", "everything", is_flag=True, help="Those that have ended too, newest first.")
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, everything: bool, form: Format) -> None:
    """List the alerts that are open; one that would fire later has no number yet."""
    if everything:
        _history(database, config_path, form)
    else:
        _open(database, config_path, form)


def _open(database: Path | None, config_path: Path, form: Format) -> None:
    from monitor.cli.output import show_json, show_table
    from monitor.status import to_json

    status = picture(database, config_path)
    if form is Format.JSON:
        show_json({"alerts": to_json(status)["alerts"]})
        return
    show_table(
        ("id", "target", "check", "severity", "since (UTC)", "fired or fires (UTC)", "what", "quiet"),
        [_row(alert) for alert in status.alerts],
        empty="No alerts: nothing fires, and nothing is about to.",
    )


def _history(database: Path | None, config_path: Path, form: Format) -> None:
    from monitor.cli.output import show_json, show_table

    alerts = reader_of(database, config_path).alerts()
    if form is Format.JSON:
        show_json({"alerts": alerts})
        return
    show_table(
        ("id", "target", "check", "severity", "since (UTC)", "fired (UTC)", "ended (UTC)", "named", "newest"),
        [_past(alert) for alert in alerts],
        empty="No alerts yet.",
    )


def _row(alert: AlertStatus) -> tuple[str | None, ...]:
    quiet = f"acked by {alert.ack.who}" if alert.ack is not None else None
    if alert.silenced_until is not None:
        quiet = f"silenced until {_minute(alert.silenced_until)}"
    return (
        None if alert.id is None else str(alert.id),
        alert.target,
        alert.check.value,
        alert.severity.value if alert.fired_at is not None else "pending",
        _minute(alert.since),
        _minute(alert.fired_at or alert.fires_at),
        alert.sentence,
        quiet,
    )


def _past(alert: Alert) -> tuple[str | None, ...]:
    return (
        str(alert.id),
        alert.target,
        alert.check.value,
        alert.severity.value,
        _minute(alert.since),
        _minute(alert.fired_at),
        _minute(alert.resolved_at) or "goes on",
        alert.named,
        alert.newest,
    )


def _minute(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M}"

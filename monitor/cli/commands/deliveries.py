"""`tagdrift deliveries`: what was sent to whom, and what came of it."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.completing import complete_receivers
from monitor.cli.database import database_option, reader_of
from monitor.cli.options import Format, config_option, examples, format_option

STATES = ("queued", "sending", "delivered", "undelivered", "replaced", "dropped")


@click.command(
    epilog=examples(
        "tagdrift deliveries", "tagdrift deliveries --receiver chat --state queued --state undelivered"
    )
)
@click.option("--alert", "alert_id", type=click.IntRange(min=1), help="Only of this alert.")
@click.option("--receiver", shell_complete=complete_receivers, help="Only to this receiver.")
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only in this state.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The newest so many."
)
@database_option
@config_option
@format_option
def command(
    config_path: Path,
    database: Path | None,
    *,
    alert_id: int | None,
    receiver: str | None,
    states: tuple[str, ...],
    limit: int,
    form: Format,
) -> None:
    """List messages, newest first: delivered, waiting, or given up, with the receiver's last refusal.

    What waits is tried again at the instant shown. `replaced` was overtaken by a message that says both that
    an alert fired and that it is over; `dropped` lost its receiver, or its alert before anybody heard of it.
    """
    from monitor.cli.output import show_json, show_table

    found = reader_of(database, config_path).deliveries(
        alert_ids=None if alert_id is None else [alert_id],
        receiver=receiver,
        states=states or None,
        most=limit,
    )
    if form is Format.JSON:
        show_json({"deliveries": found})
        return
    show_table(
        ("at (UTC)", "alert", "target", "receiver", "reason", "state", "tries", "next (UTC)", "refusal"),
        [
            (
                f"{row.notification.at:%Y-%m-%d %H:%M:%S}",
                str(row.notification.alert_id),
                row.notification.target,
                row.notification.receiver,
                row.notification.reason.value,
                row.state,
                str(row.attempts),
                f"{row.next_at:%Y-%m-%d %H:%M:%S}" if row.state == "queued" else None,
                row.sentence or None,
            )
            for row in found
        ],
        empty="No messages.",
    )

"""`tagdrift status`: how everything stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.database import database_option, picture, picture_without_targets
from monitor.cli.options import Format, config_option, examples, format_option
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.status import Receiver, SideStatus, Status, TargetStatus


@click.command(epilog=examples("tagdrift status", "tagdrift status --format json"))
@click.argument("names", metavar="[TARGET]…", nargs=-1)
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, names: tuple[str, ...], form: Format) -> None:
    """Show how every target stands by what has been recorded, and how old that knowledge is.

    Nothing is looked at; `tagdrift check` looks.
    """
    from monitor.cli.output import show_json, show_line, show_table
    from monitor.status import to_json

    try:
        status = picture(database, config_path)
    except ConfigError as error:
        _without_configuration(database, config_path, form, error)
        return
    shown = [target for target in status.targets if not names or target.name in names]
    unknown = set(names) - {target.name for target in shown}
    if unknown:
        raise click.UsageError(f"there is no target {min(unknown)!r}; `tagdrift status` shows all")
    if form is Format.JSON:
        document = to_json(status)
        document["targets"] = [one for one in document["targets"] if not names or one["name"] in names]
        show_json(document)
        return
    show_line(_daemon(status))
    show_table(
        ("target", "state", "named", "newest", "since (UTC)", "metadata read", "releases read"),
        [_row(target, status.generated_at) for target in shown],
        empty="Nothing is watched.",
    )
    for target in shown:
        if target.word not in {"in step", "unknown"}:
            show_line(f"{target.name}: {target.sentence}")
    for receiver in status.receivers:
        if receiver.queued or receiver.undelivered:
            show_line(_waiting(receiver))


def _without_configuration(
    database: Path | None, config_path: Path, form: Format, error: ConfigError
) -> None:
    """Show what is written; a file that was refused must not hide how the daemon goes on."""
    from monitor.cli.output import show_json, show_line, show_note, show_table
    from monitor.status import to_json

    status, reader = picture_without_targets(database, config_path)
    current = reader.current()
    show_note(f"the configuration cannot be used: {error}")
    if form is Format.JSON:
        show_json(to_json(status) | {"current": current})
        return
    show_line(_daemon(status))
    show_table(
        ("target", "state", "named", "newest"),
        [(one.target, one.shown.state, one.shown.named, one.shown.newest) for one in current],
        empty="Nothing is watched.",
    )


def _daemon(status: Status) -> str:
    from monitor.messages import span

    daemon, now = status.daemon, status.generated_at
    parts = []
    if daemon.is_running and daemon.up_since is not None:
        parts.append(f"running for {span(now - daemon.up_since)}")
    elif daemon.last_tick_at is not None:
        parts.append(f"NOT running: the last sign of life is {span(now - daemon.last_tick_at)} old")
    else:
        parts.append("NOT running: it never has")
    if daemon.blind_since is not None:
        parts.append(
            f"blind since {daemon.blind_since:%Y-%m-%d %H:%M} UTC: no host answers, it looks like us"
        )
    if daemon.config_problem is not None:
        parts.append(daemon.config_problem)
    return "tagdrift " + "; ".join((*parts, *daemon.faults))


def _waiting(receiver: Receiver) -> str:
    why = f": {receiver.sentence}" if receiver.sentence else ""
    return f"receiver {receiver.name}: {receiver.queued} waiting, {receiver.undelivered} undelivered{why}"


def _row(target: TargetStatus, now: datetime) -> tuple[str | None, ...]:
    return (
        target.name,
        _state(target, now),
        target.named,
        target.newest,
        None if target.since is None else f"{target.since:%Y-%m-%d %H:%M}",
        _read(target.metadata, now),
        _read(target.releases, now),
    )


def _state(target: TargetStatus, now: datetime) -> str:
    from monitor.messages import instant

    parts = [target.word.value]
    if target.fires_at is not None:
        parts.append(f"would fire at {instant(target.fires_at, now)}")
    if target.severity == "critical":
        parts.append("critical")
    if target.alert_id is not None:
        parts.append(f"alert {target.alert_id}")
    if target.is_acked:
        parts.append("acked")
    if target.is_silenced:
        parts.append("silenced")
    return ", ".join(parts)


def _read(side: SideStatus, now: datetime) -> str:
    from monitor.messages import span

    if side.looked_at is None:
        return "never looked"
    parts = [f"{span(now - side.good_at)} ago" if side.good_at is not None else "never"]
    if side.cache_age_for is not None:
        parts.append(f"from a cache, age {span(side.cache_age_for)}")
    if side.failed:
        parts.append(f"{side.look.value} since, {side.failed} looks")
    return ", ".join(parts)

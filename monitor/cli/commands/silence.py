"""`tagdrift silence`: do not tell, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from monitor.cli.completing import complete_targets, targets_in
from monitor.cli.database import database_of, database_option, write
from monitor.cli.database import who as whoami
from monitor.cli.options import Format, config_option, examples, format_option

CHECKS = ("behind", "unlisted", "malformed", "unreachable", "ambiguous", "blind")


class Duration(click.ParamType[timedelta]):
    """A span as people write it."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the span."""
        from monitor.config.durations import parse_duration
        from monitor.errors import ParseError

        try:
            return parse_duration(value)
        except ParseError as error:
            self.fail(str(error), param, ctx)


def _label(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, str] | None:
    if value is None:
        return None
    name, equals, content = value.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"{value!r} should be name=value", ctx, param)
    return name, content


@click.command(
    epilog=examples(
        "tagdrift silence --target python-build-standalone --for 4h --comment 'release day'",
        "tagdrift silence --label team=infra --for 2d",
        "tagdrift silence --check unreachable --for 30m",
    )
)
@click.option("--target", metavar="NAME", shell_complete=complete_targets, help="Only this target.")
@click.option("--label", metavar="NAME=VALUE", callback=_label, help="Only targets with this label.")
@click.option("--check", type=click.Choice(CHECKS), help="Only this check.")
@click.option("--for", "lasts_for", type=Duration(), required=True, help="How long: 30m, 4h, 2d.")
@click.option("--comment", default="", help="Why, for who reads the history.")
@click.option("--who", default=None, help="Who wants it; by default you.")
@database_option
@config_option
@format_option
def command(
    config_path: Path,
    database: Path | None,
    *,
    target: str | None,
    label: tuple[str, str] | None,
    check: str | None,
    lasts_for: timedelta,
    comment: str,
    who: str | None,
    form: Format,
) -> None:
    """Do not tell of what matches, for a while; with nothing given, of nothing at all.

    Alerts go on: what still fires when the silence ends is told then. A running daemon takes it up within
    two seconds.
    """
    from monitor.cli.output import show_done, show_note
    from monitor.clock import SystemClock
    from monitor.model import CheckName, Silence

    now: datetime = SystemClock().now()
    wanted = Silence(
        id=0,
        from_at=now,
        until_at=now + lasts_for,
        who=who or whoami(),
        comment=comment,
        target=target,
        label=label,
        check=None if check is None else CheckName(check),
    )
    silence = write(database_of(database, config_path), lambda ledger: ledger.add_silence(wanted))
    show_done(
        form,
        {"silence": silence},
        f"silence {silence.id} until {silence.until_at:%Y-%m-%d %H:%M:%S} UTC; "
        f"end it with: tagdrift unsilence {silence.id}",
    )
    known = targets_in(config_path)
    if target is not None and known and target not in known:
        show_note(f"{config_path} has no target {target!r}, so this mutes nothing; it has {', '.join(known)}")

"""`tagdrift history`: what was seen of one target, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.completing import complete_targets
from monitor.cli.database import database_option, reader_of
from monitor.cli.failures import Failed
from monitor.cli.options import Format, config_option, examples, format_option

if TYPE_CHECKING:
    from monitor.model import Event, Reading
    from monitor.store import SeenReading

MOST_NAMED = 5


@click.command(
    epilog=examples(
        "tagdrift history python-build-standalone", "tagdrift history ruff --since 30d --format json"
    )
)
@click.argument("target", shell_complete=complete_targets)
@click.option("--since", metavar="DURATION", help="Only what goes on, or ended, within this long: 12h, 30d.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The newest so many."
)
@database_option
@config_option
@format_option
def command(
    config_path: Path, database: Path | None, *, target: str, since: str | None, limit: int, form: Format
) -> None:
    """List what each side of a target said, one line a change, with the alerts between; oldest first.

    It goes back to the first look: changes are kept for ever, other than single looks.
    """
    from monitor.cli.output import show_json, show_table

    reader = reader_of(database, config_path)
    if target not in reader.targets():
        raise Failed(f"no target {target!r} was ever looked at; `tagdrift status` lists those that are")
    from_at = _from_at(since)
    seen = reader.history(target, from_at)
    events = [event for event in reader.events(target=target) if from_at is None or event.at >= from_at]
    if form is Format.JSON:
        show_json({"target": target, "readings": seen, "events": events[::-1]})
        return
    lines = sorted([*_seen_lines(seen), *_event_lines(events)], key=lambda line: line[0])
    show_table(
        ("from (UTC)", "until (UTC)", "looks", "what", "says"),
        [cells for _, cells in lines[-limit:]],
        empty="Nothing in this time.",
    )


Line = tuple[datetime, tuple[Any, ...]]


def _from_at(since: str | None) -> datetime | None:
    if since is None:
        return None
    from monitor.clock import SystemClock
    from monitor.config.durations import parse_duration
    from monitor.errors import ParseError

    try:
        span: timedelta = parse_duration(since)
    except ParseError as error:
        raise click.BadParameter(str(error), param_hint="--since") from error
    return SystemClock().now() - span


def _seen_lines(seen: Sequence[SeenReading]) -> Iterator[Line]:
    before: dict[str, SeenReading] = {}
    for one in seen:
        says = _says(one, before.get(one.side))
        yield one.first_at, (_at(one.first_at), _at(one.last_at), str(one.seen), one.side.value, says)
        if _reading(one) is not None:
            before[one.side] = one


def _event_lines(events: Sequence[Event]) -> Iterator[Line]:
    for event in reversed(events):
        what = f"{event.kind.value} {event.alert_id}" if event.alert_id is not None else event.kind.value
        about = f"[{event.check}] " if event.check is not None else ""
        yield event.at, (_at(event.at), None, None, what, f"{about}{event.sentence}")


def _says(one: SeenReading, before: SeenReading | None) -> str:
    reading, known = _reading(one), None if before is None else _reading(before)
    if reading is None:
        return f"{one.outcome.reason}: {one.outcome.sentence}"  # type: ignore[union-attr] # not a reading, as asked above
    if known is None or one.side.value == "metadata":
        return _named([release.version or release.tag for release in reading.releases])
    tags, old = _tags(reading), _tags(known)
    parts = [f"+ {tag}" for tag in tags if tag not in old] + [f"- {tag}" for tag in old if tag not in tags]
    return _named(parts) if parts else f"as before, but for details: {_named(tags)}"


def _reading(one: SeenReading) -> Reading | None:
    from monitor.model import Failure

    return None if isinstance(one.outcome, Failure) else one.outcome


def _tags(reading: Reading) -> list[str]:
    return [release.tag for release in reading.releases]


def _named(texts: Sequence[str]) -> str:
    if not texts:
        return "nothing"
    shown = ", ".join(texts[-MOST_NAMED:])
    return shown if len(texts) <= MOST_NAMED else f"{len(texts)}, the last of them {shown}"


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"

"""`tagdrift db`: care for the database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.database import database_of, database_option
from monitor.cli.failures import Failed
from monitor.cli.listing import Listing
from monitor.cli.options import Format, config_option, examples, format_option

if TYPE_CHECKING:
    from monitor.store.care import Stats


class Span(click.ParamType[timedelta]):
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


@click.group(cls=Listing, epilog=examples("tagdrift db backup /var/backups/tagdrift.db", "tagdrift db stats"))
def command() -> None:
    """Back the database up, look at it, take a restored one over."""


@command.command(epilog=examples("tagdrift db upgrade"))
@database_option
@config_option
@format_option
def upgrade(config_path: Path, database: Path | None, *, form: Format) -> None:
    """Bring the database to the form of this version; `run` does so by itself.

    A copy of it as it was is kept beside it.
    """
    from monitor.cli.output import show_done
    from monitor.store import care

    path = database_of(database, config_path)
    kept = care.upgrade(path)
    done = "up to date" if kept is None else f"upgraded; as it was it is kept in {kept}"
    show_done(form, {"file": path, "upgraded": kept is not None, "kept": kept}, f"{path}: {done}")


@command.command(epilog=examples("tagdrift db backup /var/backups/tagdrift.db"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
@config_option
@format_option
def backup(config_path: Path, database: Path | None, file: Path, *, form: Format) -> None:
    """Copy the database to FILE, whole, while the daemon writes to it.

    The copy is one file. To restore it: stop the daemon, put it in the database's place, `tagdrift db adopt`.
    """
    from monitor.cli.output import show_done
    from monitor.store import care

    size = care.backup(database_of(database, config_path), file)
    show_done(form, {"file": file, "bytes": size}, f"{file}: {_size(size)}")


@command.command(epilog=examples("tagdrift db stats", "tagdrift db stats --format json"))
@database_option
@config_option
@format_option
def stats(config_path: Path, database: Path | None, *, form: Format) -> None:
    """Say how large the database is, and what it holds."""
    from monitor.cli.output import show_json, show_table
    from monitor.store import care

    found = care.stats(database_of(database, config_path))
    if form is Format.JSON:
        show_json(found)
        return
    show_table(("what", "value"), _figures(found))
    show_table(("table", "rows"), [(name, f"{count:,}") for name, count in found.rows.items()])


@command.command(epilog=examples("tagdrift db prune", "tagdrift db prune --older-than 30d"))
@click.option(
    "--older-than", "span", type=Span(), help="By default `keep_observations` of the configuration."
)
@database_option
@config_option
@format_option
def prune(config_path: Path, database: Path | None, *, span: timedelta | None, form: Format) -> None:
    """Delete single looks that are older, and give the space back; `run` prunes by itself.

    What was read, released, alerted and told is kept for ever.
    """
    from monitor import config
    from monitor.cli.output import show_done
    from monitor.clock import SystemClock
    from monitor.store import care

    if span is None:
        span = config.load(config_path, wanted=config.Wanted.NONE).daemon.keep_observations
    clock = SystemClock()
    before = clock.now() - span
    gone = care.prune(database_of(database, config_path), before, clock)
    show_done(form, {"observations": gone, "before": before}, f"{gone:,} observations deleted")


@command.command(epilog=examples("tagdrift db check && echo whole"))
@database_option
@config_option
@format_option
def check(config_path: Path, database: Path | None, *, form: Format) -> None:
    """Look at every page and row; status 1 and a line each for what is wrong.

    A large database takes minutes. The daemon may run meanwhile.
    """
    from monitor.cli.output import show_done, show_json
    from monitor.store import care

    path = database_of(database, config_path)
    wrong = care.check(path)
    facts = {"file": path, "whole": not wrong, "wrong": wrong}
    if wrong and form is Format.JSON:
        show_json(facts)
    if wrong:
        raise Failed("\n".join(wrong))
    show_done(form, facts, f"{path}: whole")


@command.command(epilog=examples("tagdrift db adopt"))
@database_option
@config_option
@format_option
def adopt(config_path: Path, database: Path | None, *, form: Format) -> None:
    """Take over the file that lies in the database's place, a restored backup for one.

    `run` refuses a file that is not the one it knows, or is older: this says that it is meant to be there.
    """
    from monitor.cli.output import show_done
    from monitor.store import care

    path = database_of(database, config_path)
    known = care.adopt(path)
    sentence = f"{path}: taken over as it was after {known.sequence:,} commits"
    show_done(form, {"file": path, "commits": known.sequence}, sentence)


def _figures(found: Stats) -> list[tuple[str, str]]:
    span = "none"
    if found.oldest_observation_at is not None and found.newest_observation_at is not None:
        oldest, newest = found.oldest_observation_at, found.newest_observation_at
        span = f"{oldest:%Y-%m-%d %H:%M} to {newest:%Y-%m-%d %H:%M} UTC"
    return [
        ("file", str(found.path)),
        ("size", _size(found.bytes)),
        ("of it free", _size(found.free_bytes)),
        ("write-ahead log", _size(found.log_bytes)),
        ("form", found.revision),
        ("instance", found.instance),
        ("commits", f"{found.commits:,}"),
        ("observations", span),
        ("daemon", "none" if found.daemon is None else f"process {found.daemon}"),
    ]


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count:,} bytes"

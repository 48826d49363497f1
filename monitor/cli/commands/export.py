"""`tagdrift export`: the history for other programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from monitor.cli.database import database_option, reader_of
from monitor.cli.options import config_option, examples
from monitor.cli.progress import progress

if TYPE_CHECKING:
    from monitor.store import Answer, Reader

FORMATS = ("csv", "jsonl")
HISTORY = "history"
PAGE = 10_000
# Found by time, and by far the longest: read piece by piece, so that it need not fit into memory.
PAGED = "observation_log"
PATIENCE = timedelta(minutes=10)


@click.command(
    epilog=examples(
        "tagdrift export alert_history > alerts.csv",
        "tagdrift export --to ./export --format jsonl",
        "tagdrift export history --target python-build-standalone > history.csv",
    )
)
@click.argument("view", required=False)
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="How.")
@click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write files there; without it one view is printed.",
)
@click.option("--target", metavar="NAME", help="Whose history, for the view `history`.")
@database_option
@config_option
@click.pass_context
def command(
    ctx: click.Context,
    config_path: Path,
    database: Path | None,
    *,
    view: str | None,
    form: str,
    folder: Path | None,
    target: str | None,
) -> None:
    """Write views of the database as CSV or JSON Lines: current, alert_history, release_lag and the others.

    The view `history` is a target's history as CSV that `backtest --csv` plays and `import` takes.
    """
    reader = reader_of(database, config_path)
    views = _views(reader)
    if view == HISTORY:
        _print_history(reader, target)
        return
    if target is not None:
        raise click.UsageError("--target is for the view `history`", ctx)
    if view is not None and view not in views:
        raise click.UsageError(f"there is no view {view!r}; there are {', '.join((*views, HISTORY))}", ctx)
    if view is None and folder is None:
        raise click.UsageError(f"say which view ({', '.join((*views, HISTORY))}), or --to FOLDER", ctx)
    wanted = (view,) if view is not None else views
    with progress("exporting", len(wanted)) as step:
        for name in wanted:
            with _opened(folder, f"{name}.{form}") as file:
                _WRITES[form](pages(reader, name), file)
            step()


def _views(reader: Reader) -> tuple[str, ...]:
    answer = _ask(reader, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
    return tuple(str(row[0]) for row in answer.rows)


def _ask(reader: Reader, text: str, *, most: int = 100_000_000) -> Answer:
    from monitor.clock import SystemClock

    return reader.sql(text, SystemClock(), most=most, wait_for=PATIENCE)


def pages(reader: Reader, view: str, page: int = PAGE) -> Iterator[Answer]:
    """Yield the rows of a view, in one piece or in several; `view` is a name that the database gave."""
    if view != PAGED:
        yield _ask(reader, f'SELECT * FROM "{view}"')  # noqa: S608 a view of ours
        return
    after = -(2**63)
    while True:
        text = f"SELECT * FROM {PAGED} WHERE at_us > {after} ORDER BY at_us LIMIT {page}"  # noqa: S608 a view and numbers of ours
        answer = _ask(reader, text)
        yield answer
        if len(answer.rows) < page:
            return
        after = answer.rows[-1][answer.columns.index("at_us")]


@contextmanager
def _opened(folder: Path | None, name: str) -> Iterator[TextIO]:
    if folder is None:
        yield sys.stdout
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        yield file


def _write_csv(answers: Iterator[Answer], file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    for place, answer in enumerate(answers):
        if place == 0:
            writer.writerow(answer.columns)
        writer.writerows(answer.rows)


def _write_lines(answers: Iterator[Answer], file: TextIO) -> None:
    for answer in answers:
        file.writelines(f"{_line(answer.columns, row)}\n" for row in answer.rows)


def _line(columns: Sequence[str], row: Sequence[Any]) -> str:
    return json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)


_WRITES = {"csv": _write_csv, "jsonl": _write_lines}


def _print_history(reader: Reader, target: str | None) -> None:
    from monitor.replay import chosen_targets, history_rows

    (name,) = chosen_targets(reader, (target,) if target else (), most=1)
    csv.writer(sys.stdout, lineterminator="\n").writerows(history_rows(reader, name))

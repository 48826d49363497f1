"""What commands print: rich tables for people, JSON for machines.

Versions, tags and sentences come from strangers' servers. Whatever a terminal would obey is written as an
escape, and nothing is read as rich's markup.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Format

if TYPE_CHECKING:
    from rich.text import Text

# A table that goes to a file or a pipe is not cut to a screen that is not there.
UNBOUNDED = 10_000


def show_line(text: str) -> None:
    """Print one line, or several of our own making, with strangers' control characters escaped."""
    click.echo("\n".join(plain(line) for line in text.split("\n")))


def show_done(form: Format, facts: Mapping[str, Any], sentence: str) -> None:
    """Print what a command has done: a sentence for people, the facts of it for machines."""
    if form is Format.JSON:
        show_json(facts)
    else:
        show_line(sentence)


def show_note(text: str) -> None:
    """Print a remark on standard error, where it does not disturb who reads the output."""
    click.echo(f"tagdrift: {plain(text)}", err=True)


def show_json(value: object) -> None:
    """Print JSON: instants in RFC 3339, spans in seconds, dataclasses as objects without their secrets."""
    click.echo(json.dumps(value, default=jsonable, ensure_ascii=True, indent=2))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "Nothing.") -> None:
    """Print a table; a cell is a text, a `rich.text.Text` of your own, or None for an empty one.

    With no rows prints the sentence `empty` instead.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    if not cells:
        show_line(empty)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for row in cells:
        table.add_row(*row)
    console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
    if not console.is_terminal:
        console.width = UNBOUNDED
    console.print(table)


def plain(text: str) -> str:
    r"""Return the text with everything that is not printable as an escape (`\x1b`)."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def jsonable(value: Any) -> Any:
    """Return what `json` makes of our values; for `json.dumps(default=)`."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value):
        # What its repr does not show is a secret.
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.repr}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", errors="backslashreplace").decode("ascii")


def _cell(cell: object) -> str | Text:
    if cell is None:
        return ""
    if isinstance(cell, str):
        from rich.text import Text

        # A str would be read as markup by a table, whatever the console is told.
        return Text(plain(cell))
    if hasattr(cell, "plain"):
        return cell  # type: ignore[return-value] # a rich Text, which is not imported for the question
    return str(cell)

"""`tagdrift kinds`: every way to learn versions, from the code itself."""

from __future__ import annotations

import json
from typing import Any

import click

from monitor.cli.options import Format, examples, format_option
from monitor.cli.output import show_json, show_line, show_table


@click.command(epilog=examples("tagdrift kinds", "tagdrift kinds github"))
@click.argument("name", metavar="[NAME]", required=False)
@format_option
def command(name: str | None, form: Format) -> None:
    """Show the source kinds, or the keys of one with an example."""
    from monitor.config import described_kinds

    kinds = described_kinds()
    chosen = [kind for kind in kinds if name in {None, kind["name"]}]
    if not chosen:
        known = ", ".join(kind["name"] for kind in kinds)
        raise click.UsageError(f"There is no source kind {name!r}; there is {known}.")
    if form is Format.JSON:
        show_json(chosen if name is None else chosen[0])
    elif name is None:
        show_table(["kind", "what it reads"], [[kind["name"], kind["summary"]] for kind in kinds])
        show_line("`tagdrift kinds NAME` shows the keys of one.")
    else:
        _show(chosen[0])


def _show(kind: dict[str, Any]) -> None:
    show_line(f"{kind['name']}: {kind['summary']}\n")
    rows = [[key["name"], key["type"], _default(key), key["help"]] for key in kind["keys"]]
    show_table(["key", "type", "default", "what it is"], rows)
    show_line(f"Example:\n\n{kind['example'].strip()}")


def _default(key: dict[str, Any]) -> str:
    if key["required"]:
        return "required"
    return json.dumps(key["default"]) if "default" in key else ""

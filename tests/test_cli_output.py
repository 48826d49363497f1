"""What commands print, and what no stranger can make them print."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.cli.output import show_json, show_line, show_note, show_table
from monitor.model import Credential, Side


def printed(function: object, *arguments: object, **options: object) -> str:
    @click.command()
    def command() -> None:
        function(*arguments, **options)  # type: ignore[operator]

    done = CliRunner().invoke(command, [])
    assert done.exception is None
    return done.output


def test_a_table_obeys_no_stranger() -> None:
    text = printed(show_table, ["tag"], [["[red]1\x1b[2J"], [None], [3]])
    assert "[red]1\\x1b[2J" in text
    assert "\x1b" not in text


def test_a_table_that_goes_to_a_pipe_is_not_cut() -> None:
    assert "x" * 300 in printed(show_table, ["tag", "sentence"], [["1", "x" * 300]])


def test_a_cell_may_be_coloured() -> None:
    from rich.text import Text

    assert "behind" in printed(show_table, ["state"], [[Text("behind", style="red")]])


def test_an_empty_table_is_a_sentence() -> None:
    assert printed(show_table, ["tag"], [], empty="No alerts.") == "No alerts.\n"


def test_lines_and_notes_are_escaped_but_for_their_own_breaks() -> None:
    assert printed(show_line, "one\ntwo\x07\u202e") == "one\ntwo\\x07\\u202e\n"
    assert printed(show_note, "careful\r") == "tagdrift: careful\\r\n"


def test_json_has_instants_spans_objects_and_no_secrets() -> None:
    value = {
        "at": datetime(2024, 10, 16, 15, 40, tzinfo=UTC),
        "for": timedelta(minutes=1),
        "side": Side.METADATA,
        "path": Path("/a"),
        "of": Credential(name="a", value="b"),
        "map": {"x": 1}.items(),
        "many": {1: 2}.keys(),
        "bad": "\ud800",
    }
    assert json.loads(printed(show_json, value)) == {
        "at": "2024-10-16T15:40:00Z",
        "for": 60.0,
        "side": "metadata",
        "path": "/a",
        "of": {"name": "a"},
        "map": [["x", 1]],
        "many": [1],
        "bad": "\ud800",
    }


def test_json_of_something_unknown_is_a_defect() -> None:
    with pytest.raises(TypeError, match="object"):
        show_json(object())

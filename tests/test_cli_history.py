"""`import`, `export` and `report`: the past goes in, comes out, and is summed up."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import tagdrift
from monitor.store import Reader, Store
from tests.conftest import ManualClock
from tests.housing import Housing
from tests.replaying import at
from tests.servers.site import Site

PAST = """\
time_utc,source,value
2024-01-01T00:00:00Z,release,v1.0.0
2024-01-01T01:00:00Z,metadata,1.0.0
2024-01-05T00:00:00Z,release,v1.1.0
2024-01-05T05:00:00Z,metadata,1.1.0
2024-01-06T00:00:00Z,metadata,
2024-01-06T01:00:00Z,metadata,oops
2024-01-06T01:10:00Z,metadata,1.1.0
2024-01-07T00:00:00Z,release,v1.2.0
2024-01-07T00:10:00Z,release,v1.3.0
2024-01-07T00:20:00Z,metadata,1.3.0
2024-01-08T00:00:00Z,release,v1.4.0
2024-01-08T09:00:00Z,release,v1.5.0
"""
CONFIG = """
[daemon]
database = "{folder}/tagdrift.db"
[targets.widget]
metadata = {{ kind = "json", url = "https://example.org/latest.json", path = "$.tag" }}
releases = {{ kind = "github", repo = "example/widget" }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "past.csv").write_text(PAST)
    (tmp_path / "config.toml").write_text(CONFIG.format(folder=tmp_path))
    return tmp_path


def run(folder: Path, *arguments: object) -> Result:
    given = ["--config", str(folder / "config.toml"), *(str(argument) for argument in arguments)]
    return CliRunner().invoke(tagdrift, given)


def imported(folder: Path) -> Result:
    return run(folder, "import", folder / "past.csv", "--target", "widget")


def test_a_new_target_gets_its_past(folder: Path) -> None:
    done = imported(folder)
    assert (done.exit_code, done.stdout) == (
        0,
        "widget: 6 releases, 23 looks and 1 alerts until 2024-01-08 09:00 UTC\n",
    ), done.output
    reader = Reader(folder / "tagdrift.db")
    (alert,) = reader.alerts()
    assert (alert.since, alert.resolved_at) == (at("2024-01-05 00:00"), at("2024-01-05 05:00"))
    state = reader.state("widget")
    assert state is not None
    # The drift that goes on is for the daemon to find.
    assert state.alerts == ()
    assert sorted(state.releases) == ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0", "v1.5.0"]
    reader.close()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("import", "{past}", "--target", "widget"), 1, "widget has a history already, since 2024-01-01"),
        (("import", "{past}", "--target", "other"), 2, "has no target 'other'; it has widget"),
        (("import", "{past}"), 2, "Missing option '--target'"),
        (("import", "/nowhere.csv", "--target", "widget"), 1, "/nowhere.csv cannot be read"),
        (("export",), 2, "say which view (alert_history, current, "),
        (("export", "secrets"), 2, "there is no view 'secrets'; there are alert_history, current, "),
        (("export", "current", "--target", "widget"), 2, "--target is for the view `history`"),
        (("export", "history", "--target", "x"), 1, "there is no target 'x' in the database; it has widget"),
        (("report", "x"), 1, "there is no target 'x' in the database; it has widget"),
        (("report", "--since", "2030-01-01"), 1, "the history ends at 2024-01-08 09:00 UTC, before 2030"),
    ],
    ids=lambda value: None,
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    folder: Path, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    imported(folder)
    done = run(folder, *(each.format(past=folder / "past.csv") for each in arguments))
    assert done.exit_code == status, done.output
    assert sentence in done.output


def test_a_history_from_tomorrow_is_refused(folder: Path) -> None:
    (folder / "past.csv").write_text(PAST + "2999-01-01T00:00:00Z,release,v9\n")
    done = imported(folder)
    assert done.exit_code == 1
    assert "the history reaches to 2999-01-01 00:00 UTC, which is ahead of us" in done.output


def test_the_daemon_must_not_run(folder: Path) -> None:
    store = Store.open(folder / "tagdrift.db", clock=ManualClock())
    try:
        assert imported(folder).exit_code == 1
    finally:
        store.close()


def test_what_was_imported_is_exported_as_it_came(folder: Path) -> None:
    imported(folder)
    done = run(folder, "export", "history")
    assert done.stdout == PAST


def test_what_was_imported_is_told_to_machines_too(folder: Path) -> None:
    done = run(folder, "import", folder / "past.csv", "--target", "widget", "--format", "json")
    told = json.loads(done.stdout)
    assert (told["target"], told["alerts"]) == ("widget", 1)
    assert told["until_at"].endswith("Z")


def test_every_view_is_exported(folder: Path) -> None:
    imported(folder)
    done = run(folder, "export", "--to", folder / "out", "--format", "jsonl")
    assert done.exit_code == 0, done.output
    names = ["alert_history", "current", "delivery_log", "observation_log", "release_lag"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == [f"{name}.jsonl" for name in names]
    lines = [json.loads(line) for line in (folder / "out" / "release_lag.jsonl").read_text().splitlines()]
    lags = {line["version"]: (line["lag"], line["superseded_by"]) for line in lines}
    assert lags["1.1.0"] == (18_000, None)
    assert lags["1.2.0"] == (1_200, "1.3.0")
    assert len((folder / "out" / "observation_log.jsonl").read_text().splitlines()) == 23


def test_a_view_is_printed_as_csv_with_its_columns(folder: Path) -> None:
    imported(folder)
    rows = list(csv.DictReader(io.StringIO(run(folder, "export", "alert_history").stdout)))
    assert [(row["check"], row["fired_at"], row["missing"]) for row in rows] == [
        ("behind", "2024-01-05T02:00:00Z", "1")
    ]


def test_a_long_log_is_exported_piece_by_piece(folder: Path) -> None:
    from monitor.cli.commands import export

    imported(folder)
    reader = Reader(folder / "tagdrift.db")
    pages = list(export.pages(reader, "observation_log", page=7))
    reader.close()
    assert [len(page.rows) for page in pages] == [7, 7, 7, 2]
    instants = [row[page.columns.index("at_us")] for page in pages for row in page.rows]
    assert instants == sorted(set(instants))


def test_an_imported_history_is_played_again(folder: Path) -> None:
    imported(folder)
    done = run(folder, "backtest", "--database", folder / "tagdrift.db", "--format", "json")
    found = json.loads(done.stdout)
    straight = json.loads(run(folder, "backtest", "--csv", folder / "past.csv", "--format", "json").stdout)
    assert found["alerts"] == straight["alerts"]
    assert len(found["alerts"]) == 2
    # Without a file it is the database of the configuration.
    configured = run(folder, "backtest", "--database", "--target", "widget", "--format", "json")
    assert json.loads(configured.stdout) == found


def test_a_report_sums_up_what_was_recorded(folder: Path) -> None:
    imported(folder)
    found = json.loads(run(folder, "report", "--format", "json").stdout)
    widget = found["targets"]["widget"]
    assert widget["alerts"] == {"behind": 1}
    assert widget["announced"] == 2
    assert widget["superseded"] == ["1.2.0"]
    assert widget["waiting"] == ["1.4.0", "1.5.0"]
    assert widget["drift_seconds"] == 18_000 + 1_200 + 32_400
    assert found["overall"]["superseded"] == ["widget 1.2.0"]
    assert found["overall"]["in_step"] == widget["in_step"]
    later = json.loads(run(folder, "report", "widget", "--since", "2024-01-06", "--format", "json").stdout)
    assert later["targets"]["widget"]["alerts"] == {}
    text = run(folder, "report").stdout
    assert text.startswith("1 target, 2024-01-01 01:00 to 2024-01-08 09:00 UTC\n")
    assert "### 1 target" in run(folder, "report", "--format", "md").stdout


async def test_a_daemon_goes_on_from_an_imported_past(
    tmp_path: Path, clock: ManualClock, open_site: Callable[..., Awaitable[Site]]
) -> None:
    housing = Housing(tmp_path, await open_site(), clock)
    (tmp_path / "past.csv").write_text(PAST)
    housing.config()
    given: list[Any] = ["--config", str(tmp_path / "config.toml"), "import", str(tmp_path / "past.csv")]
    done = await asyncio.to_thread(CliRunner().invoke, tagdrift, [*given, "--target", "project"])
    assert done.exit_code == 0, done.output
    tags = [line.split(",") for line in PAST.splitlines() if ",release," in line]
    housing.says("project", named="1.3.0", releases={tag: date for date, _, tag in tags})
    await housing.open()
    try:
        await housing.pass_for(minutes=10)
        first, second = reversed(housing.reader.alerts())
        assert first.newest == "1.1.0"
        assert (second.since, second.fired_at) == (at("2024-01-08 00:00"), clock.at.replace(minute=0))
        assert [title.partition("]")[0] for _, title in housing.told] == ["[behind"]
    finally:
        await housing.close()

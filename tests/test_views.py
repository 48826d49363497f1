"""The views for people: exact columns, each instant as text beside its twin, no claim we cannot make."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import AlertState, Got, Observation, SinceClock, TargetState
from monitor.store import Ledger, Shown, Store
from tests.conftest import START
from tests.looking import LISTS_BOTH, NAME, TIMED_OUT, at, look, message, seen, side_at, state_at
from tests.telling import firing

COLUMNS = {
    "current": (
        "target state named newest missing since since_us since_is fires_at fires_at_us last_good_metadata_at"
        " last_good_metadata_at_us last_good_releases_at last_good_releases_at_us alert_id"
    ),
    "alert_history": (
        "id target check severity since since_us since_is fired_at fired_at_us resolved_at resolved_at_us"
        " named"
        " newest missing"
    ),
    "release_lag": (
        "target version published published_us first_seen first_seen_us named_at named_at_us covered_at"
        " covered_at_us superseded_by lag note"
    ),
    "observation_log": "at at_us target side outcome status latency_ms confirm",
    "delivery_log": "at at_us alert_id receiver reason state attempts",
}


class Asked:
    """What the views of a store say, by the names of their columns."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def record(self, *jobs: Any) -> None:
        for job in jobs:
            await self.store.writer.submit(job)

    def __call__(self, query: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(f"file:{self.store.path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


@pytest.fixture
def asked(store: Store) -> Asked:
    return Asked(store)


def us(when: datetime) -> int:
    return int(when.timestamp()) * 1_000_000


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_has_exactly_its_columns(asked: Asked, view: str) -> None:
    names = [row["name"] for row in asked(f"PRAGMA table_info({view})")]
    assert names == COLUMNS[view].split()


async def test_current_says_how_each_target_stands(asked: Asked) -> None:
    shown = Shown(
        state="behind",
        named="20241008",
        newest="20241016",
        missing=1,
        since=at(hours=3, minutes=40),
        since_is=SinceClock.PUBLISHED,
        fires_at=at(hours=5, minutes=40),
        alert_id=17,
    )
    await asked.record(
        lambda ledger: ledger.save(state_at(), None, shown=shown),
        lambda ledger: ledger.observe(look()),
        lambda ledger: ledger.touch(look(when=at(minutes=5))),
        lambda ledger: ledger.observe(look(TIMED_OUT, at(minutes=10))),
        lambda ledger: ledger.save(state_at(target="gone"), None),
        lambda ledger: ledger.retire("gone"),
    )
    (row,) = asked("SELECT * FROM current")
    assert row == {
        "target": NAME,
        "state": "behind",
        "named": "20241008",
        "newest": "20241016",
        "missing": 1,
        "since": "2024-10-16T15:40:00Z",
        "since_us": us(at(hours=3, minutes=40)),
        "since_is": "published",
        "fires_at": "2024-10-16T17:40:00Z",
        "fires_at_us": us(at(hours=5, minutes=40)),
        "last_good_metadata_at": "2024-10-16T12:05:00Z",
        "last_good_metadata_at_us": us(at(minutes=5)),
        "last_good_releases_at": None,
        "last_good_releases_at_us": None,
        "alert_id": 17,
    }


async def test_alert_history_has_the_alert_as_it_fired(asked: Asked) -> None:
    ended = firing(id=17, state=AlertState.RESOLVED, resolved_at=at(hours=9, minutes=49, seconds=4))
    await asked.record(lambda ledger: ledger.save_alerts([ended]))
    (row,) = asked("SELECT * FROM alert_history")
    assert (row["id"], row["target"], row["check"], row["severity"]) == (17, NAME, "behind", "warning")
    assert (row["since"], row["since_is"]) == ("2024-10-16T15:40:00Z", "published")
    assert (row["fired_at"], row["resolved_at"]) == ("2024-10-16T17:40:00Z", "2024-10-16T21:49:04Z")
    assert (row["named"], row["newest"], row["missing"]) == ("20241008", "20241016", 1)


async def test_observation_log_has_every_look(asked: Asked) -> None:
    confirm = Observation(
        target=NAME,
        side=look().side,
        at=at(seconds=30.5),
        outcome=LISTS_BOTH,
        got=Got(
            status=200, latency_for=timedelta(milliseconds=187), confirm=True, unchanged=True, attempts=3
        ),
    )
    await asked.record(lambda ledger: ledger.observe(look(TIMED_OUT)), lambda ledger: ledger.observe(confirm))
    first, second = asked("SELECT * FROM observation_log ORDER BY at_us")
    assert (first["outcome"], first["status"], first["confirm"]) == ("unreachable", 0, 0)
    assert second == {
        "at": "2024-10-16T12:00:30Z",
        "at_us": us(START) + 30_500_000,
        "target": NAME,
        "side": "metadata",
        "outcome": "good",
        "status": 200,
        "latency_ms": 187,
        "confirm": 1,
    }


async def test_delivery_log_has_every_message(asked: Asked) -> None:
    def send(ledger: Ledger) -> None:
        ledger.save_alerts([firing(id=1)])
        ledger.queue([message(), message(receiver="chat")])
        ledger.claim(START, ["ops"])
        ledger.mark_delivered([1], at(seconds=1))

    await asked.record(send)
    found = [tuple(row.values()) for row in asked("SELECT * FROM delivery_log ORDER BY receiver")]
    assert found == [
        ("2024-10-16T12:00:00Z", us(START), 1, "chat", "first", "queued", 0),
        ("2024-10-16T12:00:00Z", us(START), 1, "ops", "first", "delivered", 1),
    ]


# --- release_lag ----------------------------------------------------------------------------------

DAY = timedelta(days=1)


def known(*releases: Any, first: datetime = START) -> TargetState:
    """Return a state whose first looks were at this instant."""
    side = side_at(first, first_good_at=first)
    return state_at(first, *releases, metadata=side, releases_side=side)


def out(tag: str, published: datetime | None, **changes: Any) -> Any:
    """Return an eligible release that was published then and seen a minute later."""
    first = START if published is None else published + timedelta(minutes=1)
    return seen(tag, **({"published_at": published, "first_seen_at": first, "eligible": True} | changes))


async def lags(asked: Asked, state: TargetState, looked: datetime = START + 90 * DAY) -> dict[str, Any]:
    """Return what the view says of each release, after a good look at the metadata at this instant."""
    await asked.record(
        lambda ledger: ledger.observe(look(when=looked)), lambda ledger: ledger.save(state, None)
    )
    columns = "version, named_at, covered_at, superseded_by, lag, note"
    return {row["version"]: tuple(row.values())[1:] for row in asked(f"SELECT {columns} FROM release_lag")}


async def test_a_release_that_was_named_has_its_lag(asked: Asked) -> None:
    named = START + DAY + timedelta(hours=6)
    found = await lags(asked, known(out("2", START + DAY, named_at=named, covered_at=named)))
    assert found["2"] == ("2024-10-17T18:00:00Z", "2024-10-17T18:00:00Z", None, 6 * 3600, None)


async def test_a_release_that_was_passed_over_names_the_one_that_took_its_place(asked: Asked) -> None:
    named = START + 54 * DAY
    passed, newer = (
        out("2", START + DAY, covered_at=named),
        out("3", START + 53 * DAY, named_at=named, covered_at=named),
    )
    found = await lags(asked, known(passed, newer))
    assert found["2"] == (None, "2024-12-09T12:00:00Z", "3", 53 * 86400, None)
    assert found["3"][2:] == (None, 86400, None)


async def test_one_that_was_named_late_was_first_superseded(asked: Asked) -> None:
    first, later = START + 2 * DAY, START + 3 * DAY
    found = await lags(
        asked,
        known(
            out("2", START + DAY, covered_at=first, named_at=later),
            out("3", START + DAY, named_at=first, covered_at=first),
        ),
    )
    assert found["2"][2:] == ("3", 86400, None)


async def test_one_that_still_waits_has_its_lag_as_of_our_last_look(asked: Asked) -> None:
    found = await lags(asked, known(out("2", START + DAY)), looked=START + 4 * DAY)
    assert found["2"] == (None, None, None, 3 * 86400, "not announced yet")


async def test_what_is_older_than_our_first_look_claims_no_lag_and_was_not_never_announced(
    asked: Asked,
) -> None:
    ancient = out("1", START - 100 * DAY, first_seen_at=START, covered_at=START)
    last = out("2", START - 10 * DAY, first_seen_at=START, covered_at=START, named_at=START)
    found = await lags(asked, known(ancient, last))
    note = "announced before our first look"
    assert found["1"] == (None, "2024-10-16T12:00:00Z", None, None, note)
    assert found["2"] == ("2024-10-16T12:00:00Z", "2024-10-16T12:00:00Z", None, None, note)


async def test_whichever_side_was_looked_at_first_what_it_covered_then_claims_no_lag(asked: Asked) -> None:
    later = START + timedelta(milliseconds=5)
    last = out("2", START - 10 * DAY, first_seen_at=later, covered_at=later, named_at=START)
    metadata = side_at(START, first_good_at=START)
    releases = side_at(later, first_good_at=later)
    found = await lags(asked, state_at(later, last, metadata=metadata, releases_side=releases))
    assert found["2"][2:] == (None, None, "announced before our first look")


async def test_one_from_before_our_first_look_that_was_announced_under_our_eyes_has_its_lag(
    asked: Asked,
) -> None:
    named = START + DAY
    found = await lags(
        asked, known(out("2", START - DAY, first_seen_at=START, named_at=named, covered_at=named))
    )
    assert found["2"][3:] == (2 * 86400, None)


async def test_without_a_publication_the_lag_is_at_least_since_we_saw_it(asked: Asked) -> None:
    named = START + DAY
    found = await lags(asked, known(out("2", None, named_at=named, covered_at=named)))
    assert found["2"][3:] == (86400, "at least: out since we first saw it")


async def test_what_does_not_count_is_left_out_unless_it_was_named(asked: Asked) -> None:
    named = START + DAY
    found = await lags(
        asked,
        known(
            out("1rc1", START, eligible=False),
            out("1rc2", START, eligible=False, named_at=named, covered_at=named),
            out("draft", START, eligible=None),
            out("gone", START, eligible=None, withdrawn_at=START + 2 * DAY, covered_at=named),
        ),
    )
    assert sorted(found) == ["1rc2", "gone"]


async def test_a_maintainers_question_is_one_query(asked: Asked) -> None:
    late, soon = START + 54 * DAY, START + DAY + timedelta(minutes=5)
    await lags(
        asked,
        known(
            out("2", START + DAY, named_at=soon, covered_at=soon),
            out("3", START + 2 * DAY, named_at=late, covered_at=late),
        ),
    )
    found = asked(
        "SELECT version, lag FROM release_lag WHERE lag > 86400 AND published >= '2024' ORDER BY lag DESC"
    )
    assert found == [{"version": "3", "lag": 52 * 86400}]


def test_the_questions_of_the_readme_are_answered(asked: Asked) -> None:
    readme = Path(__file__).parent.parent / "README.md"
    queries = re.findall(r"```sql\n(.*?)```", readme.read_text(), re.DOTALL)
    assert len(queries) > 3
    for query in queries:
        assert asked(query) == []

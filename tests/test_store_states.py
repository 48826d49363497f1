"""What the detector remembers, over a restart."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import detector
from monitor.model import (
    AlertState,
    Marks,
    NamedRun,
    Policy,
    Rules,
    SeenRelease,
    Side,
    SideState,
    SinceClock,
    TargetState,
)
from monitor.store import Reader, Shown, Store
from tests.conftest import START, ManualClock
from tests.looking import LISTS_BOTH, NAME, TIMED_OUT, at, look, rows, seen, side_at, state_at
from tests.telling import firing

WHOLE = TargetState(
    target=NAME,
    metadata=side_at(
        START,
        cache_age_for=timedelta(seconds=12),
        failed=2,
        limited=1,
        failed_at=at(minutes=1),
        failure=TIMED_OUT,
        malformed="no version",
        excused_for=timedelta(hours=1),
        newest=10,
        window_tags=("20241016", "20241008"),
    ),
    releases={
        "20241008": SeenRelease(
            tag="20241008",
            version="20241008",
            first_seen_at=START,
            published_at=at(days=-8),
            published_is=SinceClock.PUBLISHED,
            lacked_at=at(days=-9),
            prerelease=False,
            eligible=True,
            absent=1,
            withdrawn_at=at(hours=1),
            named_at=START,
            covered_at=START,
            link="https://example.org/20241008",
        )
    },
    runs=(NamedRun(versions=("20241008",), from_at=START, until_at=at(hours=2)),),
    scheme="calver",
    alerts=(firing(),),
    left_out=("nightly: does not match",),
    marks=Marks(policy="abc", policy_at=START),
)


def edit(path: Path, change: str, *values: Any) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change, values)


async def test_a_state_comes_back_as_it_was_saved(store: Store) -> None:
    await store.writer.submit(lambda ledger: ledger.save(WHOLE, None))
    assert store.reader.states() == {NAME: WHOLE}
    assert store.reader.state(NAME) == WHOLE
    assert store.reader.state("another") is None
    assert await store.writer.submit(lambda ledger: ledger.states()) == {NAME: WHOLE}


async def test_unchanged_looks_move_the_instants_of_a_state_and_rewrite_nothing(
    store: Store, database: Path
) -> None:
    def begin(ledger: Any) -> None:
        for side in Side:
            ledger.observe(look(side=side))
        ledger.save(state_at(), None)

    await store.writer.submit(begin)
    before = rows(database, "SELECT body FROM states")
    await store.writer.submit(lambda ledger: ledger.touch(look(when=at(minutes=5))))
    state = store.reader.states()[NAME]
    assert state.metadata == side_at(at(minutes=5))
    assert state.releases_side == side_at(START)
    assert rows(database, "SELECT body FROM states") == before
    assert await store.writer.submit(lambda ledger: ledger.states()) == {NAME: state}


@pytest.mark.parametrize("newest", [None, 10], ids=["a complete list", "a window"])
async def test_a_restart_finds_the_state_that_unchanged_looks_left_in_memory(
    store: Store, newest: int | None
) -> None:
    rules = Rules(target=NAME, policy=Policy(threshold=timedelta(days=9)), second_look=False)
    lists = replace(LISTS_BOTH, newest=newest)
    state = TargetState(target=NAME)
    for minute in range(0, 60, 5):
        for side, said in ((Side.METADATA, LISTS_BOTH), (Side.RELEASES, lists)):
            age = timedelta(seconds=minute)
            observed = look(
                said, at(minutes=minute, seconds=5), side, cache_age_for=age, unchanged=minute > 0
            )
            touched = detector.touched(state, observed)
            if touched is None:
                after = detector.step(state, observed, observed.at, rules).state
                await store.writer.submit(lambda ledger, o=observed: ledger.observe(o))
                await store.writer.submit(lambda ledger, a=after, b=state: ledger.save(a, b))
            else:
                after = touched
                await store.writer.submit(lambda ledger, o=observed: ledger.touch(o))
            state = after
    assert touched is not None
    assert store.reader.states()[NAME] == state


async def test_looks_gathered_in_the_same_transaction_are_in_the_states_of_the_ledger(store: Store) -> None:
    def record(ledger: Any) -> Any:
        ledger.observe(look())
        ledger.save(state_at(), None)
        ledger.touch(look(when=at(minutes=5)))
        return ledger.states()[NAME].metadata.good_at

    assert await store.writer.submit(record) == at(minutes=5)


async def test_a_look_at_a_window_does_not_count_as_a_complete_one(store: Store) -> None:
    window = state_at(metadata=side_at(START, newest=10, complete_at=at(days=-1)))

    def record(ledger: Any) -> None:
        ledger.observe(look())
        ledger.save(window, None)
        ledger.touch(look(when=at(minutes=5)))

    await store.writer.submit(record)
    found = store.reader.states()[NAME].metadata
    assert (found.good_at, found.complete_at) == (at(minutes=5), at(days=-1))


async def test_a_side_that_became_unknown_stays_so_until_it_is_read_again(store: Store) -> None:
    unknown = state_at(metadata=SideState())

    def record(ledger: Any) -> None:
        ledger.observe(look())
        ledger.save(state_at(), None)
        ledger.save(unknown, state_at())

    await store.writer.submit(record)
    assert store.reader.states()[NAME].metadata == SideState()
    await store.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=5))))
    assert [one.seen for one in store.reader.history(NAME)] == [1, 1]


async def test_only_releases_that_have_changed_are_written(store: Store, database: Path) -> None:
    first = state_at(START, seen("1"), seen("2"))
    second = state_at(START, seen("1"), seen("2", named_at=START), seen("3"))
    await store.writer.submit(lambda ledger: ledger.save(first, None))
    edit(database, "UPDATE releases SET version = 'untouched' WHERE tag = '1'")
    await store.writer.submit(lambda ledger: ledger.save(second, first))
    assert rows(database, "SELECT tag, version FROM releases ORDER BY id") == [
        ("1", "untouched"),
        ("2", "2"),
        ("3", "3"),
    ]
    assert store.reader.states()[NAME].releases == second.releases


@pytest.mark.parametrize("knows_before", [True, False], ids=["told what was", "not told"])
async def test_a_release_that_the_state_lets_go_is_forgotten_by_it_but_not_by_the_history(
    store: Store, knows_before: bool
) -> None:
    first, second = state_at(START, seen("1"), seen("2")), state_at(START, seen("2"))
    await store.writer.submit(lambda ledger: ledger.save(first, None))
    await store.writer.submit(lambda ledger: ledger.save(second, first if knows_before else None))
    assert list(store.reader.states()[NAME].releases) == ["2"]
    assert [release.tag for release in store.reader.releases(NAME)] == ["1", "2"]


async def test_what_is_shown_stays_until_something_else_is_shown(store: Store) -> None:
    shown = Shown(
        state="behind",
        named="1",
        newest="2",
        missing=1,
        since=START,
        since_is=SinceClock.PUBLISHED,
        fires_at=at(hours=2),
        alert_id=17,
    )
    await store.writer.submit(lambda ledger: ledger.save(state_at(), None, shown=shown))
    await store.writer.submit(lambda ledger: ledger.save(state_at(at(minutes=5)), state_at()))
    assert [one.shown for one in store.reader.current()] == [shown]
    shown = Shown(state="in step", named="2", newest="2")
    await store.writer.submit(lambda ledger: ledger.save(state_at(), state_at(), shown=shown))
    assert [one.shown for one in store.reader.current()] == [shown]


async def test_current_has_the_last_good_looks_also_while_a_side_fails(store: Store) -> None:
    def record(ledger: Any) -> None:
        ledger.save(state_at(), None)
        ledger.observe(look())
        ledger.touch(look(when=at(minutes=5)))
        ledger.observe(look(TIMED_OUT, at(minutes=10)))

    await store.writer.submit(record)
    (current,) = store.reader.current()
    assert (current.target, current.shown.state) == (NAME, "unknown")
    assert current.last_good_metadata_at == at(minutes=5)
    assert current.last_good_releases_at is None


async def test_a_state_that_a_newer_version_wrote_loads_without_what_is_not_known(
    store: Store, database: Path
) -> None:
    await store.writer.submit(lambda ledger: ledger.save(WHOLE, None))
    ((body,),) = rows(database, "SELECT body FROM states")
    raw = json.loads(body)
    raw["mood"] = "new"
    raw["metadata"]["weather"] = {"new": True}
    del raw["left_out"], raw["metadata"]["window_tags"]
    edit(database, "UPDATE states SET body = ?", json.dumps(raw))
    expected = replace(WHOLE, left_out=(), metadata=replace(WHOLE.metadata, window_tags=()))
    assert store.reader.states()[NAME] == expected


async def test_what_cannot_be_read_of_a_state_is_left_out_and_the_rest_is_kept(
    store: Store, database: Path
) -> None:
    two = replace(WHOLE, alerts=(firing(), firing(id=18, state=AlertState.RESOLVED)))
    await store.writer.submit(lambda ledger: ledger.save(two, None))
    raw = json.loads(rows(database, "SELECT body FROM states")[0][0])
    raw["alerts"][0]["state"] = "suspended"
    raw["runs"] = "none"
    edit(database, "UPDATE states SET body = ?", json.dumps(raw))
    state = store.reader.states()[NAME]
    assert [alert.id for alert in state.alerts] == [18]
    assert state == replace(two, alerts=two.alerts[1:], runs=())


async def test_a_renamed_target_keeps_its_history(store: Store) -> None:
    def record(ledger: Any) -> None:
        ledger.observe(look(LISTS_BOTH))
        ledger.save(state_at(START, seen("1"), alerts=(firing(),)), None)
        ledger.save_alerts([firing()])

    await store.writer.submit(record)
    assert await store.writer.submit(lambda ledger: ledger.rename(NAME, "pbs"))
    state = store.reader.states()["pbs"]
    assert (state.target, list(state.releases)) == ("pbs", ["1"])
    assert [(alert.target, alert.finding.target) for alert in state.alerts] == [("pbs", "pbs")]
    assert [alert.target for alert in store.reader.alerts(target="pbs")] == ["pbs"]
    assert len(store.reader.history("pbs")) == 1
    await store.writer.submit(lambda ledger: ledger.observe(look(LISTS_BOTH, at(minutes=5), target="pbs")))
    assert [one.seen for one in store.reader.history("pbs")] == [2]


async def test_a_rename_that_has_been_done_or_has_nothing_to_do_changes_nothing(store: Store) -> None:
    await store.writer.submit(lambda ledger: ledger.save(state_at(), None))
    await store.writer.submit(lambda ledger: ledger.save(state_at(target="other"), None))
    for old, new in ((NAME, "other"), ("nobody", "somebody")):
        assert not await store.writer.submit(lambda ledger, o=old, n=new: ledger.rename(o, n))
    assert store.reader.targets() == (NAME, "other")


async def test_a_retired_target_is_kept_and_begins_anew_when_it_comes_back(
    store: Store, clock: ManualClock
) -> None:
    def record(ledger: Any) -> None:
        ledger.observe(look())
        ledger.save(state_at(START, seen("1")), None)

    await store.writer.submit(record)
    await store.writer.submit(lambda ledger: ledger.retire(NAME))
    await store.writer.submit(lambda ledger: ledger.retire("nobody"))
    assert store.reader.states() == {}
    assert store.reader.current() == ()
    assert [release.tag for release in store.reader.releases(NAME)] == ["1"]
    fresh = TargetState(target=NAME)
    await store.writer.submit(lambda ledger: ledger.save(state_at(START, seen("2")), fresh))
    assert list(store.reader.states()[NAME].releases) == ["2"]


async def test_the_file_says_the_same_to_a_reader_of_its_own(store: Store, database: Path) -> None:
    await store.writer.submit(lambda ledger: ledger.save(WHOLE, None))
    assert Reader(database).states() == {NAME: WHOLE}

"""What is kept of each look, and what comes back of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Failure, Reading, Reason, Release, Side
from monitor.store import Ledger, Reader, Store
from tests.conftest import START, ManualClock
from tests.looking import LISTS_BOTH, NAME, NAMES_OLD, NEW, OLD, TIMED_OUT, at, look, rows


async def test_a_look_comes_back_as_it_was_recorded(store: Store) -> None:
    observed = look(
        status=200,
        latency_for=timedelta(milliseconds=187),
        attempts=3,
        received=1234,
        cache_age_for=timedelta(seconds=212),
        confirm=True,
    )
    await store.writer.submit(lambda ledger: ledger.observe(observed))
    (found,) = store.reader.observations()
    assert (found.at, found.target, found.side, found.outcome) == (START, NAME, Side.METADATA, "good")
    assert (found.status, found.latency_for, found.received) == (200, timedelta(milliseconds=187), 1234)
    assert (found.attempts, found.confirm, found.unchanged) == (3, True, False)
    assert found.cache_age_for == timedelta(seconds=212)


@pytest.mark.parametrize("reason", Reason)
async def test_each_reason_of_a_failure_is_kept(store: Store, reason: Reason) -> None:
    failure = Failure(reason=reason, sentence="why")
    await store.writer.submit(lambda ledger: ledger.observe(look(failure, side=Side.RELEASES)))
    assert store.reader.observations()[0].outcome == reason
    assert store.reader.history(NAME)[0].outcome == failure


async def test_figures_beyond_all_reason_do_not_stop_a_look_from_being_recorded(store: Store) -> None:
    wild = look(
        status=-1,
        latency_for=timedelta(days=400_000),
        received=1 << 80,
        attempts=999,
        cache_age_for=timedelta(-5),
    )
    await store.writer.submit(lambda ledger: ledger.observe(wild))
    (found,) = store.reader.observations()
    assert (found.status, found.received, found.attempts) == (0, (1 << 31) - 1, 16)


async def test_looks_that_say_the_same_are_one_reading(store: Store) -> None:
    def record(ledger: Ledger) -> None:
        ledger.observe(look())
        ledger.touch(look(when=at(minutes=5), status=304, unchanged=True))
        ledger.observe(look(when=at(minutes=10)))

    await store.writer.submit(record)
    (reading,) = store.reader.history(NAME)
    assert (reading.first_at, reading.last_at, reading.seen) == (START, at(minutes=10), 3)
    assert reading.outcome == NAMES_OLD
    assert len(store.reader.observations()) == 3


async def test_the_order_in_which_a_side_says_it_makes_no_new_reading(store: Store) -> None:
    backwards = Reading(releases=LISTS_BOTH.releases[::-1])
    await store.writer.submit(lambda ledger: ledger.observe(look(LISTS_BOTH)))
    await store.writer.submit(lambda ledger: ledger.observe(look(backwards, at(minutes=5))))
    assert [reading.seen for reading in store.reader.history(NAME)] == [2]


async def test_a_change_ends_a_reading_and_begins_another(store: Store) -> None:
    for minutes, outcome in ((0, NAMES_OLD), (5, NAMES_OLD), (10, LISTS_BOTH), (15, NAMES_OLD)):
        await store.writer.submit(lambda ledger, o=outcome, m=minutes: ledger.observe(look(o, at(minutes=m))))
    found = [(one.first_at, one.last_at, one.seen) for one in store.reader.history(NAME)]
    assert found == [
        (START, at(minutes=5), 2),
        (at(minutes=10), at(minutes=10), 1),
        (at(minutes=15), at(minutes=15), 1),
    ]


async def test_a_side_that_goes_back_and_forth_keeps_each_text_once(store: Store, database: Path) -> None:
    for minutes in range(20):
        outcome = LISTS_BOTH if minutes % 2 else NAMES_OLD
        await store.writer.submit(lambda ledger, o=outcome, m=minutes: ledger.observe(look(o, at(minutes=m))))
    assert rows(database, "SELECT count(*) FROM readings") == [(20,)]
    assert rows(database, "SELECT count(*) FROM payloads") == [(2,)]


async def test_a_run_of_failed_looks_for_one_reason_is_one_reading(store: Store) -> None:
    later = replace(TIMED_OUT, sentence="timed out after 31 s")
    refused = Failure(reason=Reason.REFUSED, sentence="404")
    for minutes, outcome in ((0, TIMED_OUT), (5, later), (10, refused)):
        await store.writer.submit(lambda ledger, o=outcome, m=minutes: ledger.observe(look(o, at(minutes=m))))
    found = [(one.outcome, one.seen) for one in store.reader.history(NAME)]
    assert found == [(TIMED_OUT, 2), (refused, 1)]


async def test_an_unchanged_look_after_a_failed_one_is_recorded_as_what_it_says(store: Store) -> None:
    await store.writer.submit(lambda ledger: ledger.observe(look(TIMED_OUT)))
    await store.writer.submit(lambda ledger: ledger.touch(look(when=at(minutes=5))))
    assert [one.outcome for one in store.reader.history(NAME)] == [TIMED_OUT, NAMES_OLD]


async def test_a_history_can_be_asked_for_a_span_of_time(store: Store) -> None:
    for minutes, outcome in ((0, NAMES_OLD), (10, LISTS_BOTH), (20, NAMES_OLD)):
        await store.writer.submit(lambda ledger, o=outcome, m=minutes: ledger.observe(look(o, at(minutes=m))))
    within = store.reader.history(NAME, at(minutes=5), at(minutes=15))
    assert [one.outcome for one in within] == [Reading(releases=(OLD, NEW))]
    found = store.reader.observations(NAME, at(minutes=5), at(minutes=15))
    assert [one.at for one in found] == [at(minutes=10)]
    assert store.reader.history("another") == ()
    assert store.reader.observations("another") == ()


async def test_two_looks_that_end_in_one_instant_are_both_kept(store: Store) -> None:
    def record(ledger: Ledger) -> None:
        for side in Side:
            ledger.observe(look(side=side))

    await store.writer.submit(record)
    await store.writer.submit(record)
    microsecond = timedelta(microseconds=1)
    assert [one.at for one in store.reader.observations()] == [START + n * microsecond for n in (3, 2, 1, 0)]


async def test_a_clock_that_was_set_back_overwrites_nothing(store: Store, database: Path) -> None:
    for minutes in (0, 5, 10):
        await store.writer.submit(lambda ledger, m=minutes: ledger.observe(look(when=at(minutes=m))))
    await store.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=5))))
    await store.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=7))))
    assert rows(database, "SELECT count(*) FROM observations") == [(5,)]
    (reading,) = store.reader.history(NAME)
    assert (reading.last_at, reading.seen) == (at(minutes=7), 5)


async def test_many_looks_in_one_instant_are_kept_within_a_millisecond(store: Store) -> None:
    def record(ledger: Ledger) -> None:
        for number in range(1500):
            ledger.observe(look(target=f"t{number % 7}"))

    await store.writer.submit(record)
    newest, *_, oldest = store.reader.observations(most=None)
    assert newest.at - oldest.at == timedelta(microseconds=1499)


async def test_a_restart_goes_on_with_the_reading_that_was_open(
    store: Store, database: Path, clock: ManualClock
) -> None:
    await store.writer.submit(lambda ledger: ledger.observe(look()))
    store.close()
    again = Store.open(database, clock=clock)
    await again.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=5))))
    await again.writer.submit(lambda ledger: ledger.observe(look()))
    again.close()
    (reading,) = Reader(database).history(NAME)
    assert reading.seen == 3


async def test_a_reading_keeps_all_that_a_release_says_of_itself(store: Store) -> None:
    whole = Reading(
        releases=(
            Release(
                tag="v1",
                version="1",
                published_at=START,
                link="https://example.org/v1",
                prerelease=True,
                draft=True,
            ),
        ),
        newest=10,
        left_out=("nightly: does not match",),
        link="https://example.org",
    )
    await store.writer.submit(lambda ledger: ledger.observe(look(whole)))
    assert store.reader.history(NAME)[0].outcome == whole

"""The one writer: what is promised to a job and to who waits for it."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model import Silence
from monitor.store import Ledger, Store, visit
from tests.conftest import START, ManualClock
from tests.looking import NAME, at, look, rows, state_at
from tests.telling import firing


def wish(**changes: Any) -> Silence:
    """Return a silence over everything, for four hours."""
    return Silence(**({"id": 0, "from_at": START, "until_at": at(hours=4), "who": "ada"} | changes))


async def test_a_result_is_there_once_it_is_in_the_file(store: Store, database: Path) -> None:
    await store.writer.submit(lambda ledger: ledger.observe(look()))
    assert rows(database, "SELECT count(*) FROM observations") == [(1,)]


async def test_jobs_that_gather_share_a_commit(store: Store, database: Path) -> None:
    before = store.writer.progress
    held = threading.Event()
    first = store.writer.submit(lambda ledger: held.wait(5))
    later = [
        store.writer.submit(lambda ledger, n=n: ledger.observe(look(when=at(seconds=n)))) for n in range(50)
    ]
    assert store.writer.depth >= 49
    held.set()
    await asyncio.gather(first, *later)
    assert store.writer.progress - before <= 3
    assert rows(database, "SELECT sequence FROM instance")[0][0] <= 2
    assert rows(database, "SELECT count(*) FROM observations") == [(50,)]


async def test_a_job_that_raises_is_undone_alone_and_heard_by_who_waits(store: Store, database: Path) -> None:
    def spoil(ledger: Ledger) -> None:
        ledger.observe(look(target="new", when=at(minutes=1)))
        ledger.save(state_at(target="newer"), None)
        ledger.save_alerts([firing(id=next(ledger.new_alert_ids()))])
        raise ZeroDivisionError

    held = threading.Event()
    jobs = [lambda ledger: held.wait(5), lambda ledger: ledger.observe(look()), spoil, spoil]
    jobs += [lambda ledger: ledger.touch(look(when=at(minutes=5)))]
    futures = [store.writer.submit(job) for job in jobs]
    held.set()
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(one) for one in outcomes[2:]] == [ZeroDivisionError, ZeroDivisionError, type(None)]
    assert rows(database, "SELECT name FROM targets") == [(NAME,)]
    assert [one.at for one in store.reader.observations()] == [at(minutes=5), START]
    assert [one.seen for one in store.reader.history(NAME)] == [2]


async def test_what_the_writer_remembers_of_a_failed_job_is_forgotten_with_it(store: Store) -> None:
    def fail(ledger: Ledger) -> None:
        ledger.observe(look())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.writer.submit(fail)
    await store.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=5))))
    (reading,) = store.reader.history(NAME)
    assert (reading.first_at, reading.seen) == (at(minutes=5), 1)


async def test_a_number_that_a_failed_job_took_is_given_again(store: Store) -> None:
    def take(ledger: Ledger) -> tuple[int, int]:
        ids = ledger.new_alert_ids()
        return next(ids), next(ids)

    def fail(ledger: Ledger) -> None:
        take(ledger)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.writer.submit(fail)
    assert await store.writer.submit(take) == (1, 2)
    assert await store.writer.submit(take) == (3, 4)


async def test_a_statement_that_the_database_refuses_is_a_store_error_of_that_job_alone(store: Store) -> None:
    def refer_to_nothing(ledger: Ledger) -> None:
        ledger.config_loaded(99, START, sentence="no such run", policy=None)

    good = store.writer.submit(lambda ledger: ledger.observe(look()))
    bad = store.writer.submit(refer_to_nothing)
    await good
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        await bad


async def test_who_no_longer_waits_disturbs_nobody(store: Store) -> None:
    held = threading.Event()
    gone = store.writer.submit(lambda ledger: held.wait(5))
    waits = store.writer.submit(lambda ledger: "here")
    gone.cancel()
    held.set()
    assert await waits == "here"


def test_a_loop_that_was_closed_disturbs_nobody(store: Store) -> None:
    held = threading.Event()

    async def leave() -> None:
        store.writer.submit(lambda ledger: held.wait(5))

    asyncio.run(leave())
    held.set()
    assert asyncio.run(waited(store)) == 2


async def waited(store: Store) -> int:
    return await store.writer.submit(lambda ledger: 2)


async def test_a_job_that_nobody_waits_for_is_run_and_its_failure_is_logged(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.writer.post(lambda ledger: ledger.observe(look()))
    store.writer.post(lambda ledger: 1 / 0)
    await waited(store)
    assert len(store.reader.observations()) == 1
    assert "not written: division by zero" in caplog.text


async def test_a_job_that_only_reads_counts_no_commit(store: Store, database: Path) -> None:
    before = rows(database, "SELECT sequence FROM instance")
    await store.writer.submit(lambda ledger: ledger.states())
    assert rows(database, "SELECT sequence FROM instance") == before


async def test_closing_writes_what_waits(store: Store, database: Path) -> None:
    futures = [
        store.writer.submit(lambda ledger, n=n: ledger.observe(look(when=at(seconds=n)))) for n in range(1200)
    ]
    store.close()
    assert rows(database, "SELECT count(*) FROM observations") == [(1200,)]
    await asyncio.gather(*futures)
    with pytest.raises(StoreError, match="closed"):
        store.writer.submit(lambda ledger: None)
    store.close()


async def test_closing_does_not_wait_for_ever(database: Path, clock: ManualClock) -> None:
    store = Store.open(database, clock=clock)
    held = threading.Event()
    slow = store.writer.submit(lambda ledger: held.wait(60))
    with pytest.raises(StoreError, match="0 s"):
        store.close(timedelta(seconds=0.05))
    held.set()
    assert await slow
    store.close(timedelta(seconds=60))


async def test_the_daemon_learns_that_a_command_has_written(
    store: Store, database: Path, clock: ManualClock
) -> None:
    assert not store.foreign_changes()
    await store.writer.submit(lambda ledger: ledger.add_silence(wish()))
    assert not store.foreign_changes()
    silence = visit(database, lambda ledger: ledger.add_silence(wish(who="bob")), clock=clock)
    assert store.foreign_changes()
    assert not store.foreign_changes()
    assert [one.who for one in store.reader.silences(START)] == ["ada", "bob"]
    assert silence.id == 2


def test_a_command_that_fails_writes_nothing(store: Store, database: Path, clock: ManualClock) -> None:
    def fail(ledger: Ledger) -> None:
        ledger.add_silence(wish())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        visit(database, fail, clock=clock)
    assert store.reader.silences() == ()
    assert not store.foreign_changes()


def test_a_command_can_record_a_look(store: Store, database: Path, clock: ManualClock) -> None:
    visit(database, lambda ledger: ledger.observe(look()), clock=clock)
    assert len(store.reader.observations()) == 1

"""Acks, silences, runs, the fetcher's cache and limits: each as the next start finds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import Ack, CheckName, Document, EventKind, Silence
from monitor.store import ConfigLoad, Ledger, Store
from monitor.store import cache as caching
from tests.conftest import START, ManualClock
from tests.looking import at, rows
from tests.telling import firing

DOCUMENT = Document(
    url="https://example.org/latest.json",
    body=b'{"tag": "20241008"}' * 100,
    content_type="application/json",
    etag='"1"',
    last_modified="Wed, 16 Oct 2024 15:40:00 GMT",
    links={"next": "https://example.org/2"},
    received=1234,
)


def reopened(store: Store, clock: ManualClock) -> Store:
    store.close()
    return Store.open(store.path, clock=clock)


# --- acks and silences ----------------------------------------------------------------------------


def ack(**changes: object) -> Ack:
    known = {"alert_id": 1, "at": START, "who": "ada", "comment": "on it", "missing": ("20241016",)}
    return Ack(**(known | changes))  # type: ignore[arg-type]


async def test_an_ack_stands_until_it_is_ended_and_both_are_in_the_history(store: Store) -> None:
    def give(ledger: Ledger) -> None:
        ledger.save_alerts([firing(id=1)])
        ledger.add_ack(ack())

    await store.writer.submit(give)
    assert store.reader.acks() == (ack(),)
    assert await store.writer.submit(lambda ledger: ledger.end_ack(1, at(hours=1), "bob"))
    assert not await store.writer.submit(lambda ledger: ledger.end_ack(1))
    assert await store.writer.submit(lambda ledger: ledger.acks()) == ()
    ended, given = store.reader.events()
    assert (given.kind, given.sentence, given.alert_id) == (EventKind.ACKED, "ada: on it", 1)
    assert (ended.kind, ended.sentence, ended.check) == (EventKind.UNACKED, "bob", CheckName.BEHIND)


async def test_a_second_ack_takes_the_place_of_the_first(store: Store) -> None:
    await store.writer.submit(lambda ledger: ledger.save_alerts([firing(id=1)]))
    await store.writer.submit(lambda ledger: ledger.add_ack(ack()))
    await store.writer.submit(lambda ledger: ledger.add_ack(ack(who="bob")))
    assert [one.who for one in store.reader.acks()] == ["bob"]


async def test_an_ack_of_no_alert_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="there is no alert 17"):
        await store.writer.submit(lambda ledger: ledger.add_ack(ack(alert_id=17)))


async def test_a_silence_comes_back_until_it_is_over(store: Store, clock: ManualClock) -> None:
    wanted = Silence(
        id=99,
        from_at=START,
        until_at=at(hours=4),
        who="ada",
        comment="release day",
        target="a",
        label=("team", "x"),
        check=CheckName.BEHIND,
    )
    silence = await store.writer.submit(lambda ledger: ledger.add_silence(wanted))
    assert silence == replace(wanted, id=1)
    again = reopened(store, clock)
    assert again.reader.silences(at(hours=3)) == (silence,)
    assert again.reader.silences(at(hours=4)) == ()
    assert await again.writer.submit(lambda ledger: ledger.end_silence(1, at(hours=1)))
    assert not await again.writer.submit(lambda ledger: ledger.end_silence(1, at(hours=2)))
    assert not await again.writer.submit(lambda ledger: ledger.end_silence(7))
    assert await again.writer.submit(lambda ledger: ledger.silences(at(hours=3))) == ()
    assert again.reader.silences() == (replace(silence, until_at=at(hours=1)),)
    again.close()


# --- runs -----------------------------------------------------------------------------------------


async def test_a_run_learns_since_when_we_were_down(store: Store, clock: ManualClock) -> None:
    first = await store.writer.submit(lambda ledger: ledger.begin_run(START, pid=1, policy="a"))
    assert first.down_from_at is None
    await store.writer.submit(lambda ledger: ledger.alive(first.id, at(hours=1)))
    again = reopened(store, clock)
    killed = await again.writer.submit(lambda ledger: ledger.begin_run(at(hours=3), pid=2, policy="a"))
    assert killed.down_from_at == at(hours=1)
    await again.writer.submit(lambda ledger: ledger.end_run(killed.id, at(hours=4)))
    third = await again.writer.submit(lambda ledger: ledger.begin_run(at(hours=9), pid=3, policy="a"))
    assert third.down_from_at == at(hours=4)
    assert [(run.pid, run.ended_at) for run in again.reader.runs()] == [
        (3, None),
        (2, at(hours=4)),
        (1, None),
    ]
    assert [run.pid for run in again.reader.runs(most=1)] == [3]
    again.close()


async def test_who_waits_for_a_reload_sees_what_came_of_it(store: Store) -> None:
    run = await store.writer.submit(
        lambda ledger: ledger.begin_run(START, pid=1, policy="a", policy_body="{}")
    )
    (started,) = store.reader.config_loads()
    assert (started.policy, started.run_id) == ("a", run.id)

    def load(ledger: Ledger) -> None:
        ledger.config_loaded(run.id, at(hours=1), sentence="in force", policy="b", policy_body='{"a": 1}')
        ledger.config_loaded(run.id, at(hours=2), sentence="targets.a: unknown key", policy=None)
        ledger.config_loaded(run.id, at(hours=3), sentence="in force", policy="a")

    await store.writer.submit(load)
    assert store.reader.config_loads(started.id) == (
        ConfigLoad(id=2, run_id=run.id, at=at(hours=1), policy="b", sentence="in force"),
        ConfigLoad(id=3, run_id=run.id, at=at(hours=2), policy=None, sentence="targets.a: unknown key"),
        ConfigLoad(id=4, run_id=run.id, at=at(hours=3), policy="a", sentence="in force"),
    )
    assert (store.reader.policy("a"), store.reader.policy("b")) == ("{}", '{"a": 1}')
    assert store.reader.policy("c") is None


# --- the fetcher's --------------------------------------------------------------------------------


async def test_a_cached_document_survives_a_restart(store: Store, clock: ManualClock) -> None:
    assert store.cache.get("k") is None
    store.cache.put("k", DOCUMENT)
    assert store.cache.get("k") is DOCUMENT
    again = reopened(store, clock)
    assert again.cache.get("k") == DOCUMENT
    again.cache.put("k", replace(DOCUMENT, etag='"2"'))
    third = reopened(again, clock)
    assert third.cache.get("k") == replace(DOCUMENT, etag='"2"')
    third.close()


async def test_a_dropped_document_is_gone_at_once_and_for_good(store: Store, clock: ManualClock) -> None:
    store.cache.put("k", DOCUMENT)
    await store.writer.submit(lambda ledger: None)
    store.cache.drop("k")
    store.cache.drop("never there")
    assert store.cache.get("k") is None
    again = reopened(store, clock)
    assert again.cache.get("k") is None
    again.cache.drop("k")
    again.cache.put("k", DOCUMENT)
    assert again.cache.get("k") == DOCUMENT
    again.close()


async def test_the_memory_of_the_cache_is_bounded_and_the_rest_is_read(store: Store) -> None:
    size = caching.LARGEST_HELD
    many = caching.MOST_HELD // size + 3
    for number in range(many):
        store.cache.put(str(number), replace(DOCUMENT, body=bytes([number]) * size))
    store.cache.put("large", replace(DOCUMENT, body=b"x" * (size + 1)))
    await store.writer.submit(lambda ledger: None)
    for number in (0, many - 1):
        found = store.cache.get(str(number))
        assert found is not None
        assert found.body == bytes([number]) * size
    assert store.cache.get("large") == replace(DOCUMENT, body=b"x" * (size + 1))


async def test_what_nobody_has_asked_for_in_a_month_is_forgotten(store: Store, clock: ManualClock) -> None:
    store.cache.put("used", DOCUMENT)
    store.cache.put("unused", DOCUMENT)
    store.limits.hold("quiet.example.org", at(hours=1))
    await store.writer.submit(lambda ledger: None)
    for days in (20, 20):
        clock.advance(timedelta(days=days))
        store.cache.get("used")
        gone = await store.cache.sweep()
    assert gone == 1
    assert rows(store.path, "SELECT key FROM http_cache") == [("used",)]
    assert rows(store.path, "SELECT host FROM limits") == []


async def test_use_is_noted_once_a_day_at_most(store: Store, clock: ManualClock) -> None:
    store.cache.put("k", DOCUMENT)
    await store.cache.sweep()
    clock.advance(timedelta(hours=1))
    store.cache.get("k")
    await store.cache.sweep()
    assert rows(store.path, "SELECT used_at - put_at FROM http_cache") == [(0,)]


async def test_limits_survive_a_restart(store: Store, clock: ManualClock) -> None:
    assert store.limits.until("api.github.com") is None
    store.limits.hold("api.github.com", at(hours=1))
    store.limits.hold("api.github.com", at(hours=2))
    assert store.limits.until("api.github.com") == at(hours=2)
    again = reopened(store, clock)
    assert again.limits.until("api.github.com") == at(hours=2)
    again.close()


def test_a_closed_store_costs_the_fetcher_nothing_but_its_memory(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.close()
    store.cache.put("k", DOCUMENT)
    store.limits.hold("h", at(hours=1))
    assert store.cache.get("k") == DOCUMENT
    assert store.limits.until("h") == at(hours=1)
    assert caplog.text.count("closed; nothing more is written") == 2


def test_a_cache_that_cannot_be_read_is_as_good_as_empty(
    store: Store, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.close()
    database.rename(database.with_suffix(".away"))
    assert store.cache.get("another") is None
    assert "cannot be read" in caplog.text

"""Somebody's own SQL: it reads, and does nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import DatabaseDamaged, StoreError
from monitor.store import Reader, Store
from monitor.store.asking import ask
from tests.conftest import ManualClock
from tests.looking import at, look, rows

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


class PassingClock(ManualClock):
    """A clock on which a second passes whenever it is asked."""

    def monotonic(self) -> float:
        self.elapsed += 1
        return self.elapsed


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with five looks, for who only reads."""
    path = tmp_path_factory.mktemp("asked") / "tagdrift.db"
    store = Store.open(path, clock=ManualClock())

    async def fill() -> None:
        for minute in range(5):
            await store.writer.submit(lambda ledger, m=minute: ledger.observe(look(when=at(minutes=m))))

    asyncio.run(fill())
    store.close()
    return path


@pytest.fixture(scope="module")
def reader(database: Path) -> Reader:
    return Reader(database)


def test_a_query_gives_columns_and_rows(reader: Reader, clock: ManualClock) -> None:
    answer = reader.sql("SELECT at, outcome FROM observation_log ORDER BY at_us LIMIT 2", clock)
    assert answer.columns == ("at", "outcome")
    assert answer.rows == (("2024-10-16T12:00:00Z", "good"), ("2024-10-16T12:01:00Z", "good"))
    assert not answer.is_cut


def test_more_rows_than_asked_for_are_cut_and_said_to_be(reader: Reader, clock: ManualClock) -> None:
    answer = reader.sql("SELECT * FROM observations", clock, most=3)
    assert (len(answer.rows), answer.is_cut) == (3, True)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM observations",
        "UPDATE targets SET name = 'x'",
        "INSERT INTO limits VALUES ('x', 1)",
        "DROP TABLE alerts",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "ATTACH '/etc/passwd' AS x",
        "ATTACH 'new.db' AS x",
        "VACUUM INTO 'copy.db'",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA wal_checkpoint",
        "BEGIN IMMEDIATE",
        "SELECT load_extension('/tmp/x.so')",
        "ANALYZE",
        "REINDEX",
        "WITH x AS (SELECT 1) DELETE FROM alerts",
    ],
)
def test_what_does_more_than_read_is_refused(
    reader: Reader, clock: ManualClock, database: Path, query: str
) -> None:
    before = rows(database, "SELECT * FROM observations"), sorted(database.parent.iterdir())
    with pytest.raises(StoreError, match=r"only reading is allowed|not understood"):
        reader.sql(query, clock)
    assert (rows(database, "SELECT * FROM observations"), sorted(database.parent.iterdir())) == before


@pytest.mark.parametrize("query", ["PRAGMA table_info(alerts)", "EXPLAIN QUERY PLAN SELECT * FROM current"])
def test_what_tells_of_the_tables_is_allowed(reader: Reader, clock: ManualClock, query: str) -> None:
    assert reader.sql(query, clock).rows


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELEC 1", 'near "SELEC"'),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT mood FROM current", "no such column"),
        ("SELECT zeroblob(1000000000)", "too large"),
        ("SELECT hex(zeroblob(60000000))", "too large"),
    ],
)
def test_a_query_that_cannot_be_run_is_answered_with_a_sentence(
    reader: Reader, clock: ManualClock, query: str, says: str
) -> None:
    with pytest.raises(StoreError, match=says):
        reader.sql(query, clock)


def test_a_query_that_would_run_for_ever_is_stopped(reader: Reader) -> None:
    with pytest.raises(StoreError, match="longer than 30 s"):
        reader.sql(ENDLESS, PassingClock())


def test_nothing_to_run_gives_nothing(reader: Reader, clock: ManualClock) -> None:
    answer = reader.sql("-- nothing", clock, wait_for=timedelta(seconds=1))
    assert (answer.columns, answer.rows) == ((), ())


def test_a_database_that_is_not_there_is_told(store: Store, clock: ManualClock) -> None:
    away = store.path.with_suffix(".away")
    store.path.rename(away)
    with pytest.raises(StoreError, match="cannot be opened"):
        store.reader.sql("SELECT 1", clock)
    away.rename(store.path)
    assert store.reader.sql("SELECT 1", clock).rows == ((1,),)


def test_a_database_that_is_damaged_is_told(
    database: Path, reader: Reader, clock: ManualClock, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(database.read_bytes()[:4096] + b"\xff" * (database.stat().st_size - 4096))
    with pytest.raises(DatabaseDamaged):
        ask(broken, "SELECT * FROM targets", clock)
    assert reader.sql("SELECT name FROM targets", clock).rows

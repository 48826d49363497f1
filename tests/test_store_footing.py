"""What others do to the files of an open store: noticed before the next commit, and not made worse."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import DatabaseDamaged, StoreError
from monitor.store import Store, care
from tests.conftest import ManualClock
from tests.looking import at, look, rows


def record(store: Store, *minutes: int) -> None:
    """Record a look a minute."""

    async def submitted() -> None:
        for minute in minutes:
            await store.writer.submit(lambda ledger, m=minute: ledger.observe(look(when=at(minutes=m))))

    asyncio.run(submitted())


def log_of(path: Path) -> Path:
    return Path(f"{path}-wal")


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
def test_a_log_that_is_cut_while_we_run_is_told_and_no_hole_is_copied_into_the_database(
    store: Store, database: Path, clock: ManualClock, share: float
) -> None:
    record(store, *range(10))
    os.truncate(log_of(database), int(log_of(database).stat().st_size * share))
    for _ in range(2):
        with pytest.raises(DatabaseDamaged, match=r"db-wal: cut short while tagdrift runs.*db adopt"):
            record(store, 10)
    before = database.read_bytes(), log_of(database).read_bytes()
    store.close()
    assert (database.read_bytes(), log_of(database).read_bytes()) == before
    with pytest.raises(DatabaseDamaged, match=r"the last \d+ commits are missing"):
        Store.open(database, clock=clock)
    care.adopt(database)
    assert care.check(database) == ()


def test_a_log_of_which_all_was_copied_back_may_be_cut(store: Store, database: Path) -> None:
    record(store, *range(10))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    assert log_of(database).stat().st_size == 0
    record(store, 10)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    os.truncate(log_of(database), 0)
    record(store, 11)
    assert len(store.reader.observations()) == 12


def test_a_log_that_is_gone_while_we_run_is_told_and_nothing_is_lost_at_the_stop(
    store: Store, database: Path, clock: ManualClock
) -> None:
    record(store, *range(10))
    log_of(database).unlink()
    with pytest.raises(StoreError, match=r"db-wal: gone .* while tagdrift runs.*Restart tagdrift now"):
        record(store, 10)
    log_of(database).write_bytes(b"")
    with pytest.raises(StoreError, match="db-wal: replaced by another while tagdrift runs"):
        record(store, 10)
    store.close()
    store = Store.open(database, clock=clock)
    assert len(store.reader.observations()) == 10
    store.close()


def test_a_backup_that_is_copied_over_the_file_while_we_run_is_told_and_left_as_it_is(
    store: Store, database: Path, tmp_path: Path, clock: ManualClock
) -> None:
    backup = tmp_path / "backup.db"
    record(store, 0, 1)
    care.backup(database, backup)
    record(store, 2)
    shutil.copyfile(backup, database)
    with pytest.raises(DatabaseDamaged, match=r"a backup was copied over it while tagdrift runs.*db adopt"):
        record(store, 3)
    store.close()
    assert database.read_bytes() == backup.read_bytes()
    care.adopt(database)
    store = Store.open(database, clock=clock)
    assert len(store.reader.observations()) == 2
    store.close()


def test_a_file_that_is_written_over_or_emptied_while_we_run_is_told_and_left_as_it_is(
    store: Store, database: Path
) -> None:
    record(store, *range(10))
    with database.open("r+b") as file:
        file.write(os.urandom(4096))
    with pytest.raises(DatabaseDamaged, match=r"overwritten while tagdrift runs.*db adopt"):
        record(store, 10)
    os.truncate(database, 0)
    with pytest.raises(DatabaseDamaged, match="emptied while tagdrift runs"):
        record(store, 10)
    store.close()
    assert not database.stat().st_size
    assert log_of(database).stat().st_size


def test_a_log_is_looked_for_anew_after_the_connection_was_closed(store: Store, database: Path) -> None:
    record(store, 0)
    store._witness.close()
    store._engine.dispose()
    store.writer._footing.forget_log()
    assert not log_of(database).exists()
    record(store, 1, 2)
    assert len(rows(database, "SELECT 1 FROM observations")) == 3

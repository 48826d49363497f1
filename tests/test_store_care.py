"""Backups, figures, pruning, and who may read the file."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.errors import StoreError
from monitor.janitor import BATCH, prune
from monitor.model import Document
from monitor.store import Ledger, Reader, Store, care
from monitor.store.lock import holder, lock_path
from tests.conftest import START, ManualClock
from tests.looking import LISTS_BOTH, NAME, NAMES_OLD, at, look, rows

# Reads as another user, who may write nowhere; what is imported has to be by then.
READ = """
import os, sys
from pathlib import Path
from monitor.store import Reader
path, other = map(Path, sys.argv[1:])
# What is imported at the first use is so while we may still read it; a copy, so that no -wal is left behind.
Reader(other).observations()
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(len(Reader(path).observations(most=None)))
"""


def fill(ledger: Ledger, looks: int = 100) -> None:
    """Record a look a minute, the last half saying something else."""
    for minute in range(looks):
        outcome = NAMES_OLD if minute < looks // 2 else LISTS_BOTH
        ledger.observe(look(outcome, at(minutes=minute)))


async def test_a_backup_is_made_while_the_store_is_written_to(store: Store, tmp_path: Path) -> None:
    await store.writer.submit(fill)
    target = tmp_path / "backup.db"
    before = store.writer.submit(fill_later(0))
    await before
    writing = [store.writer.submit(fill_later(n)) for n in range(1, 30)]
    size = await asyncio.to_thread(care.backup, store.path, target)
    await asyncio.gather(*writing)
    assert size > 10_000
    assert rows(target, "PRAGMA integrity_check") == [("ok",)]
    assert 101 <= rows(target, "SELECT count(*) FROM observations")[0][0] <= 130
    assert len(Reader(target).history(NAME)) == 2


def fill_later(number: int):  # type: ignore[no-untyped-def]
    return lambda ledger: ledger.observe(look(LISTS_BOTH, at(days=1, minutes=number)))


async def test_a_backup_replaces_the_one_before(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    await asyncio.to_thread(care.backup, store.path, target)
    await store.writer.submit(fill)
    await asyncio.to_thread(care.backup, store.path, target)
    assert rows(target, "SELECT count(*) FROM observations") == [(100,)]


def test_a_backup_that_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/backup.db.*(cannot be written|cannot be opened)"):
        care.backup(store.path, tmp_path / "nowhere" / "backup.db")
    with pytest.raises(StoreError, match="that is the database itself"):
        care.backup(store.path, store.path)
    with pytest.raises(StoreError, match="there is no database"):
        care.backup(tmp_path / "none.db", tmp_path / "backup.db")


async def test_the_figures_say_what_is_there(store: Store) -> None:
    await store.writer.submit(fill)
    stats = await asyncio.to_thread(care.stats, store.path)
    assert stats.rows["observations"] == 100
    assert stats.rows["readings"] == 2
    assert (stats.oldest_observation_at, stats.newest_observation_at) == (START, at(minutes=99))
    assert (stats.daemon, stats.commits) == (os.getpid(), 1)
    assert stats.bytes + stats.log_bytes > 4096
    assert stats.path == store.path
    store.close()
    stats = await asyncio.to_thread(care.stats, store.path)
    assert (stats.daemon, stats.log_bytes) == (None, 0)


def test_a_whole_database_has_nothing_wrong(store: Store) -> None:
    assert care.check(store.path) == ()


def test_a_row_that_refers_to_nothing_is_found(store: Store) -> None:
    asyncio.run(filled(store))
    store.close()
    command = [sys.executable, "-c", BREAK, str(store.path)]
    subprocess.run(command, check=True)
    assert care.check(store.path) == (
        "row 1 of readings refers to nothing in targets",
        "row 2 of readings refers to nothing in targets",
    )


BREAK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
BREAK += "c.execute('delete from observations'); c.execute('delete from spans'); "
BREAK += "c.execute('delete from targets'); c.commit()"


async def filled(store: Store) -> None:
    await store.writer.submit(fill)


# --- pruning --------------------------------------------------------------------------------------


async def test_observations_are_pruned_in_batches_and_readings_are_kept(store: Store) -> None:
    def record(ledger: Ledger) -> None:
        for second in range(2 * BATCH + 10):
            ledger.observe(look(when=at(seconds=second)))

    await store.writer.submit(record)
    before = store.writer.progress
    assert await prune(store, at(seconds=2 * BATCH)) == 2 * BATCH
    assert store.writer.progress - before == 4
    assert store.reader.oldest_observation_at() == at(seconds=2 * BATCH)
    assert [one.seen for one in store.reader.history(NAME)] == [2 * BATCH + 10]
    assert await prune(store, at(seconds=2 * BATCH)) == 0


async def test_a_clock_that_leaps_ahead_takes_no_more_than_two_days_of_looks(store: Store) -> None:
    def record(ledger: Ledger) -> None:
        for day in range(10):
            ledger.observe(look(when=at(days=day)))

    await store.writer.submit(record)
    assert [await prune(store, at(days=365 * 70)) for _ in range(3)] == [2, 2, 2]
    assert store.reader.oldest_observation_at() == at(days=6)
    assert await prune(store, at(days=7)) == 1


async def test_a_command_prunes_beside_the_daemon_and_gives_the_space_back(
    store: Store, clock: ManualClock
) -> None:
    await store.writer.submit(lambda ledger: fill(ledger, 3000))
    pages = rows(store.path, "PRAGMA page_count")[0][0]
    pruned = await asyncio.to_thread(care.prune, store.path, at(minutes=2990), clock, batch=1000)
    assert pruned == 2990
    assert rows(store.path, "PRAGMA page_count")[0][0] < pages
    assert rows(store.path, "PRAGMA freelist_count") == [(0,)]
    await store.writer.submit(fill_later(0))


async def test_what_was_cached_and_is_asked_for_no_more_goes_with_the_looks(
    store: Store, clock: ManualClock
) -> None:
    store.cache.put("k", Document(url="u", body=b"x"))
    await store.writer.submit(lambda ledger: None)
    store.close()
    clock.advance(timedelta(days=40))
    again = Store.open(store.path, clock=clock)
    assert await prune(again, START) == 0
    assert rows(store.path, "SELECT count(*) FROM http_cache") == [(0,)]
    again.close()


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture
def umask() -> Iterator[None]:
    """The unit's umask."""
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_the_group_may_read_every_file_and_others_none(
    umask: None, database: Path, clock: ManualClock
) -> None:
    store = Store.open(database, clock=clock)
    asyncio.run(filled(store))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in database.parent.glob("tagdrift.db*")}
    store.close()
    assert len(modes) == 5
    assert set(modes.values()) == {0o640}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into, as those of pytest are not."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("runs", [True, False], ids=["beside a daemon", "with none"])
def test_one_who_may_only_read_can_ask(
    open_folder: Path, tmp_path: Path, clock: ManualClock, runs: bool
) -> None:
    store = Store.open(open_folder / "tagdrift.db", clock=clock)
    asyncio.run(filled(store))
    if not runs:
        store.close()
    for file in open_folder.glob("tagdrift.db*"):
        file.chmod(0o644)
    copied = shutil.copytree(open_folder, tmp_path / "copy") / "tagdrift.db"
    open_folder.chmod(0o555)
    command = [sys.executable, "-c", READ, str(store.path), str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout) == ("", "100\n")
    store.close()


def test_nobody_holds_a_database_that_is_closed(store: Store, tmp_path: Path) -> None:
    assert holder(store.path) == os.getpid()
    lock_path(store.path).write_text("garbage")
    assert holder(store.path) is None
    store.close()
    assert holder(store.path) is None
    assert holder(tmp_path / "none.db") is None

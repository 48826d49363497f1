"""What goes wrong while the store is open: told with a sentence, nothing half written, and over by itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing, nullcontext, suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from monitor.errors import DatabaseBusy, DatabaseDamaged, StoreError
from monitor.model import Document
from monitor.store import Ledger, Store, visit
from monitor.store.faults import explain, holder_of
from tests.conftest import ManualClock
from tests.disks import CAN_MOUNT, full_database, full_disk, read_only, small_disk
from tests.looking import LISTS_BOTH, NAME, at, look, rows

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder on a small disk, where we may have one."""
    with small_disk(tmp_path / "disk") if CAN_MOUNT else nullcontext(tmp_path) as folder:
        yield folder


def large(ledger: Ledger) -> None:
    """Write more than fits."""
    ledger.observe(look(when=at(hours=1)))
    for number in range(8):
        ledger.put_document(f"k{number}", Document(url="u", body=os.urandom(500_000)))


@pytest.mark.fault("disk full", how="", promise="")
@pytest.mark.parametrize("full", [full_database, *([full_disk] if CAN_MOUNT else [])])
async def test_a_full_disk_is_told_and_writing_goes_on_by_itself_when_there_is_room(
    folder: Path, clock: ManualClock, full: Callable[[Store], AbstractAsyncContextManager[None]]
) -> None:
    store = Store.open(folder / "tagdrift.db", clock=clock)
    await store.writer.submit(lambda ledger: ledger.observe(look()))
    async with full(store):
        progress = store.writer.progress
        for _ in range(2):
            with pytest.raises(StoreError, match="the disk is full; free some space under /"):
                await store.writer.submit(large)
        assert store.writer.progress == progress + 2
        assert [one.at for one in store.reader.observations()] == [at()]
        assert [one.seen for one in store.reader.history(NAME)] == [1]
    await store.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=5))))
    assert [one.seen for one in store.reader.history(NAME)] == [2]
    store.close()
    Store.open(folder / "tagdrift.db", clock=clock).close()


@pytest.mark.fault(
    "another process writes while the disk is full",
    how="a full database, and a command that records meanwhile",
    promise="the writer goes on from what is in the file",
)
@pytest.mark.parametrize("full", [full_disk] if CAN_MOUNT else [])
async def test_a_start_on_a_full_disk_says_that_it_is_full(
    folder: Path, clock: ManualClock, full: Callable[[Store], AbstractAsyncContextManager[None]]
) -> None:
    store = Store.open(folder / "tagdrift.db", clock=clock)
    store.close()
    async with full(store):
        with pytest.raises(StoreError, match="the disk is full; free some space under /"):
            Store.open(store.path, clock=clock)
    Store.open(store.path, clock=clock).close()


async def test_after_a_fault_the_writer_goes_by_what_is_in_the_file(store: Store, clock: ManualClock) -> None:
    await store.writer.submit(lambda ledger: ledger.observe(look()))
    async with full_database(store):
        with pytest.raises(StoreError):
            await store.writer.submit(large)
        visit(store.path, lambda ledger: ledger.observe(look(LISTS_BOTH, at(minutes=5))), clock=clock)
    await store.writer.submit(lambda ledger: ledger.observe(look(LISTS_BOTH, at(minutes=10))))
    assert [one.seen for one in store.reader.history(NAME)] == [1, 2]


@pytest.mark.fault(
    "a commit of many fails",
    how="a full database while several record at once",
    promise="each hears of it, and what was acknowledged is there",
)
async def test_all_who_share_a_commit_that_fails_hear_of_it(folder: Path, clock: ManualClock) -> None:
    store = Store.open(folder / "tagdrift.db", clock=clock)
    async with full_database(store):
        futures = [store.writer.submit(lambda ledger: ledger.observe(look())), store.writer.submit(large)]
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(one) for one in outcomes] in ([StoreError] * 2, [type(None), StoreError])
    kept = sum(one is None for one in outcomes)
    assert len(store.reader.observations()) == kept
    store.close()


@pytest.mark.fault("disk read-only", how="", promise="")
def test_a_read_only_disk_is_told_at_the_start(folder: Path, clock: ManualClock) -> None:
    path = folder / "tagdrift.db"
    Store.open(path, clock=clock).close()
    with read_only(folder):
        with pytest.raises(StoreError, match=r"tagdrift\.db.*(Read-only|Permission denied|readonly|unable)"):
            Store.open(path, clock=clock)
        with pytest.raises(StoreError, match=r"tagdrift\.db"):
            visit(path, lambda ledger: ledger.observe(look()), clock=clock)
    Store.open(path, clock=clock).close()


@pytest.mark.parametrize("size", ["3m,nr_inodes=50"] if CAN_MOUNT else [])
def test_that_no_file_can_be_made_for_want_of_inodes_is_told(
    tmp_path: Path, clock: ManualClock, size: str
) -> None:
    with small_disk(tmp_path / "names", size) as folder:
        path, names = folder / "tagdrift.db", folder / "names"
        Store.open(path, clock=clock).close()
        names.mkdir()
        with suppress(OSError):
            for number in range(50):
                (names / str(number)).touch()
        with pytest.raises(StoreError, match="no inodes are left"):
            Store.open(path, clock=clock)
        shutil.rmtree(names)
        Store.open(path, clock=clock).close()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(StoreError, match="the folder must exist and be writable by uid"):
        Store.open(tmp_path / "nowhere" / "tagdrift.db", clock=clock)


def recorded(store: Store, minutes: int) -> None:
    """Record a look; raises what the writer raises."""

    async def record() -> None:
        await store.writer.submit(lambda ledger: ledger.observe(look(when=at(minutes=minutes))))

    asyncio.run(record())


@pytest.mark.fault(
    "the database is locked by somebody",
    how="another process holds the write lock",
    promise="a sentence with the number of that process, and on it goes afterwards",
)
def test_a_lock_that_somebody_holds_is_told_with_their_number(database: Path, clock: ManualClock) -> None:
    store = Store.open(database, clock=clock, busy_seconds=0.05)
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DatabaseBusy, match=rf"locked by process {holder.pid} \(python"):
            recorded(store, 0)
        with pytest.raises(DatabaseBusy, match=f"process {holder.pid}"):
            visit(database, lambda ledger: ledger.observe(look()), clock=clock, busy_seconds=0.05)
        holder.communicate("done\n")
    recorded(store, 0)
    assert len(store.reader.observations()) == 1
    store.close()


def test_a_holder_that_cannot_be_told_is_left_out(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "nothing.db", tmp_path / "no locks") == ""
    locks = tmp_path / "locks"
    locks.write_text("1: POSIX  ADVISORY  WRITE 999999999 fe:00:1 0 EOF\n")
    assert holder_of(tmp_path / "nothing.db", locks) == ""
    inode = locks.stat().st_ino
    locks.write_text(f"1: POSIX  ADVISORY  WRITE 999999999 fe:00:{inode} 0 EOF\n")
    assert holder_of(locks, locks) == "999999999 (?)"


@pytest.mark.fault("the file deleted", how="", promise="")
def test_a_file_that_is_gone_while_we_run_is_noticed_and_may_come_back(store: Store, database: Path) -> None:
    aside = database.with_suffix(".aside")
    recorded(store, 0)
    database.rename(aside)
    with pytest.raises(StoreError, match="gone while tagdrift runs"):
        recorded(store, 5)
    database.write_bytes(b"")
    with pytest.raises(StoreError, match="replaced by another file while tagdrift runs"):
        recorded(store, 5)
    with pytest.raises(StoreError, match="replaced"):
        store.reader.states()
    assert not store.foreign_changes()
    aside.rename(database)
    recorded(store, 10)
    assert [one.seen for one in store.reader.history(NAME)] == [2]


@pytest.mark.fault("the file emptied", how="", promise="")
def test_what_nobody_waits_for_is_logged_once_while_the_database_refuses(
    store: Store, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    aside = database.with_suffix(".aside")
    for _ in range(2):
        database.rename(aside)
        for _ in range(3):
            store.writer.post(lambda ledger: ledger.observe(look()))
            with pytest.raises(StoreError, match="gone"):
                recorded(store, 0)
        aside.rename(database)
        recorded(store, 0)
    assert caplog.text.count("not written") == 2


def test_a_file_that_is_emptied_while_we_run_is_noticed(store: Store, database: Path) -> None:
    recorded(store, 0)
    os.truncate(database, 0)
    with pytest.raises(DatabaseDamaged, match="emptied while tagdrift runs"):
        recorded(store, 5)
    with pytest.raises(DatabaseDamaged, match="emptied"):
        store.reader.states()


@pytest.mark.fault("a page overwritten", how="", promise="")
def test_damage_that_shows_while_we_run_is_told(store: Store, database: Path) -> None:
    recorded(store, 0)
    ((page,),) = rows(database, "SELECT rootpage FROM sqlite_master WHERE name = 'payloads'")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(os.urandom(4096))
    with pytest.raises(DatabaseDamaged, match=r"damaged .*`tagdrift db check`"):
        store.reader.history(NAME)


def test_a_fault_of_our_own_in_the_writer_ends_no_thread(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.writer._presence = None  # type: ignore[assignment]

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(StoreError, match="the database refused"):
                await store.writer.submit(lambda ledger: None)

    asyncio.run(twice())
    assert "the writer failed" in caplog.text


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("SQLITE_FULL", StoreError, "the disk is full"),
        ("SQLITE_READONLY_DBMOVED", StoreError, "is read-only"),
        ("SQLITE_BUSY_SNAPSHOT", DatabaseBusy, "locked by another process"),
        ("SQLITE_CORRUPT_VTAB", DatabaseDamaged, "damaged"),
        ("SQLITE_NOTADB", DatabaseDamaged, "damaged"),
        ("SQLITE_CANTOPEN_ISDIR", StoreError, "cannot be opened"),
        ("SQLITE_IOERR_FSYNC", StoreError, "the disk gave an error"),
        ("SQLITE_NOMEM", StoreError, "refused"),
    ],
)
def test_what_the_engine_says_becomes_a_sentence(
    tmp_path: Path, name: str, kind: type[StoreError], says: str
) -> None:
    origin = sqlite3.OperationalError("its own words")
    origin.sqlite_errorname = name  # type: ignore[attr-defined]
    error = explain(OperationalError("INSERT INTO secrets", {"value": "hunter2"}, origin), tmp_path / "x.db")
    assert type(error) is kind
    assert says in str(error)
    assert "x.db" in str(error)
    assert "hunter2" not in str(error)

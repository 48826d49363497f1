"""What is refused at the start: a file that is damaged, emptied, replaced, or older than we remember."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import DatabaseBusy, DatabaseDamaged, StoreError
from monitor.store import Reader, Store, care, visit
from monitor.store.identity import identity_path
from tests.conftest import ManualClock
from tests.looking import at, look, rows, state_at


def record(store: Store, *minutes: int) -> None:
    """Record a look a minute."""

    async def submitted() -> None:
        for minute in minutes:
            await store.writer.submit(lambda ledger, m=minute: ledger.observe(look(when=at(minutes=m))))

    asyncio.run(submitted())


@pytest.fixture
def closed(database: Path, clock: ManualClock) -> Path:
    """A database with ten looks and one state, in use by nobody."""
    store = Store.open(database, clock=clock)
    record(store, *range(10))

    async def save() -> None:
        await store.writer.submit(lambda ledger: ledger.save(state_at(), None))

    asyncio.run(save())
    store.close()
    return database


def held(path: Path) -> dict[str, bytes]:
    """Return what lies in the folder, but for who holds the lock."""
    files = {file.name: file.read_bytes() for file in path.parent.glob("*.db*")}
    return {name: body for name, body in files.items() if body and not name.endswith((".lock", "-shm"))}


def refused(path: Path, clock: ManualClock, says: str, kind: type[StoreError] = DatabaseDamaged) -> None:
    """Make sure that the database is refused with this sentence, and left as it is."""
    before = held(path)
    with pytest.raises(kind, match=says) as caught:
        Store.open(path, clock=clock)
    assert path.name in str(caught.value)
    assert held(path) == before


def spoil(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(os.urandom(size))


def root_of(path: Path, table: str) -> int:
    """Return where the table's first page begins."""
    ((page,),) = rows(path, f"SELECT rootpage FROM sqlite_master WHERE name = '{table}'")
    return int((page - 1) * 4096)


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "emptied": (lambda path: os.truncate(path, 0), r"emptied \(0 bytes\).*db adopt"),
    "cut to a few bytes": (lambda path: os.truncate(path, 20), "first page is not a database's.*db adopt"),
    "cut in half": (lambda path: os.truncate(path, path.stat().st_size // 2), "cut short.*db adopt"),
    "its head": (lambda path: spoil(path, 0, 100), "first page is not a database's"),
    "a small table": (lambda path: spoil(path, root_of(path, "states"), 4096), "damaged"),
    "the observations": (lambda path: spoil(path, root_of(path, "observations"), 4096), "damaged"),
}


def row_of(name: str) -> pytest.MarkDecorator:
    """Return the row of the table that damage of this name is."""
    if not name.startswith("cut"):
        return pytest.mark.fault(
            {"emptied": "the file emptied"}.get(name, "a page overwritten"), how="", promise=""
        )
    how = "to a few bytes, and to half of it, before a start"
    return pytest.mark.fault(
        "the file cut short", how=how, promise="refused with a sentence, and left as it is"
    )


@pytest.mark.parametrize(
    ("harm", "says"), [pytest.param(*harm, id=name, marks=row_of(name)) for name, harm in DAMAGE.items()]
)
def test_a_damaged_file_is_refused_and_left_as_it_is(
    closed: Path, clock: ManualClock, harm: Callable[[Path], None], says: str
) -> None:
    harm(closed)
    refused(closed, clock, says)
    assert care.check(closed) != ()


@pytest.mark.parametrize("harm", [harm for harm, _ in DAMAGE.values()], ids=DAMAGE)
def test_a_damaged_file_is_not_taken_over(closed: Path, harm: Callable[[Path], None]) -> None:
    harm(closed)
    with pytest.raises(StoreError):
        care.adopt(closed)


@pytest.fixture
def killed(database: Path, clock: ManualClock, tmp_path: Path) -> Path:
    """The files of a daemon that was killed: its last commits are in the write-ahead log alone."""
    store = Store.open(database, clock=clock)
    record(store, *range(30))
    folder = tmp_path / "killed"
    folder.mkdir()
    for file in database.parent.glob("tagdrift.db*"):
        shutil.copy(file, folder)
    store.close()
    return folder / database.name


def test_a_killed_daemon_is_followed_by_one_that_has_it_all(killed: Path, clock: ManualClock) -> None:
    store = Store.open(killed, clock=clock)
    assert len(store.reader.observations()) == 30
    store.close()


@pytest.mark.fault(
    "a WAL damaged",
    how="random bytes in the log of a killed daemon, of which SQLite says nothing",
    promise="refused with how many commits are missing",
)
def test_a_log_that_lost_commits_is_refused_although_sqlite_finds_nothing(
    killed: Path, clock: ManualClock
) -> None:
    log = Path(f"{killed}-wal")
    spoil(log, log.stat().st_size // 2, 8192)
    refused(killed, clock, r"older .* the last \d+ commits are missing.*db-wal.*db adopt")
    assert rows(killed, "PRAGMA quick_check") == [("ok",)]


@pytest.mark.fault("the file deleted", how="", promise="")
def test_a_file_that_is_gone_is_not_begun_anew(closed: Path, clock: ManualClock) -> None:
    closed.unlink()
    refused(closed, clock, r"gone, although tagdrift.db.identity remembers \d+ commits.*db adopt")
    for use in (care.adopt, care.check, care.stats, Reader):
        with pytest.raises(DatabaseDamaged, match="gone, although"):
            use(closed)


def test_that_a_database_begins_is_logged(
    database: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(2):
        Store.open(database, clock=clock).close()
    assert caplog.text.count("tagdrift.db: there was no database, and a new one was made") == 1


def test_a_log_whose_file_is_gone_is_not_begun_anew(killed: Path, clock: ManualClock) -> None:
    killed.unlink()
    identity_path(killed).unlink()
    refused(killed, clock, "gone, but tagdrift.db-wal is there")


def test_a_file_of_which_nothing_is_remembered_is_refused(closed: Path, clock: ManualClock) -> None:
    identity_path(closed).unlink()
    refused(closed, clock, "tagdrift.db.identity is missing.*db adopt")
    care.adopt(closed)
    Store.open(closed, clock=clock).close()


def test_a_memory_that_is_damaged_is_refused(closed: Path, clock: ManualClock) -> None:
    identity_path(closed).write_text("tagdrift database\n")
    refused(closed, clock, "identity: damaged.*db adopt", StoreError)
    assert "damaged" in care.check(closed)[0]
    care.adopt(closed)
    assert care.check(closed) == ()


def test_a_file_that_says_nothing_of_itself_is_refused(closed: Path, clock: ManualClock) -> None:
    with closing(sqlite3.connect(closed)) as connection, connection:
        connection.execute("DELETE FROM instance")
    refused(closed, clock, "emptied")
    with pytest.raises(StoreError, match="not taken over: emptied"):
        care.adopt(closed)


@pytest.mark.fault(
    "another database in its place",
    how="the file of another installation",
    promise="refused with a sentence",
)
def test_another_database_is_refused(closed: Path, clock: ManualClock, tmp_path: Path) -> None:
    other = tmp_path / "other" / "tagdrift.db"
    other.parent.mkdir()
    Store.open(other, clock=clock).close()
    shutil.copy(other, closed)
    refused(closed, clock, "another database than the one used before.*db adopt")


@pytest.mark.parametrize("what", ["somebody else's", "a text"])
def test_what_was_never_ours_is_refused(database: Path, clock: ManualClock, what: str) -> None:
    if what == "a text":
        database.write_text("dear diary, " * 1000)
        refused(database, clock, "first page is not a database's")
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE diary (day, text)")
    refused(database, clock, "not a database of tagdrift", StoreError)


@pytest.mark.fault("a newer schema", how="", promise="")
def test_a_newer_form_is_refused_with_the_way_back(closed: Path, clock: ManualClock) -> None:
    with closing(sqlite3.connect(closed)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    refused(closed, clock, "written by a newer tagdrift.*before-0099", StoreError)
    for use in (
        lambda: Reader(closed),
        lambda: visit(closed, lambda ledger: None, clock=clock),
        lambda: care.stats(closed),
        lambda: care.upgrade(closed),
        lambda: care.adopt(closed),
    ):
        with pytest.raises(StoreError, match="newer tagdrift"):
            use()


@pytest.mark.fault(
    "a first start that was cut short",
    how="half a new database beside nothing",
    promise="begun again",
)
def test_a_start_that_was_cut_short_is_begun_again(database: Path, clock: ManualClock) -> None:
    Store.open(database, clock=clock).close()
    database.unlink()
    Path(f"{database}.new").write_bytes(b"half")
    Store.open(database, clock=clock).close()
    assert not Path(f"{database}.new").exists()


# --- two of them, and backups ---------------------------------------------------------------------


def test_a_second_daemon_is_refused_with_the_number_of_the_first(store: Store, clock: ManualClock) -> None:
    with pytest.raises(DatabaseBusy, match=f"another tagdrift, process {os.getpid()}, uses this database"):
        Store.open(store.path, clock=clock)
    for use in (care.adopt, care.upgrade):
        with pytest.raises(DatabaseBusy):
            use(store.path)
    record(store, 0)


@pytest.mark.fault("a restored backup", how="", promise="")
def test_a_restored_backup_is_refused_until_it_is_taken_over(closed: Path, clock: ManualClock) -> None:
    backup = closed.with_name("backup.db")
    care.backup(closed, backup)
    store = Store.open(closed, clock=clock)
    record(store, 20, 21)
    store.close()
    original = closed.rename(closed.with_suffix(".original"))
    shutil.copy(backup, closed)
    refused(closed, clock, "older.*the last 2 commits are missing.*db adopt")
    assert "older" in care.check(closed)[0]

    care.adopt(closed)
    store = Store.open(closed, clock=clock)
    assert len(store.reader.observations()) == 10
    record(store, 30)
    store.close()

    original.replace(closed)
    refused(closed, clock, "another database")


@pytest.mark.fault(
    "a restored backup beside a foreign log",
    how="an older copy beside the log of the one before",
    promise="refused, and when it is taken over the log is put aside",
)
def test_a_log_that_is_not_a_backups_own_is_kept_out_of_it(killed: Path, clock: ManualClock) -> None:
    backup = killed.with_name("backup.db")
    care.backup(killed, backup)
    for minute in range(3):
        visit(killed, lambda ledger, m=minute: ledger.observe(look(when=at(hours=m + 1))), clock=clock)
    log = Path(f"{killed}-wal")
    log.write_bytes(Path(f"{killed}-wal").read_bytes() if log.exists() else b"the log of the one before")
    shutil.copy(backup, killed)
    refused(killed, clock, "tagdrift.db-wal of another database lies beside it")
    care.adopt(killed)
    assert Path(f"{killed}-wal.stale").exists()
    store = Store.open(killed, clock=clock)
    assert len(store.reader.observations()) == 30
    assert care.check(killed) == ()
    store.close()

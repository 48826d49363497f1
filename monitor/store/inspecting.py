"""Is this the database that we remember, and is it whole? Looked at before anything is written.

A whole check of a large file takes minutes. At the start the head and length of the file, the small tables
and the roots of the large ones are looked at; `db check` looks at every page.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from monitor.errors import DatabaseDamaged, StoreError
from monitor.store import identity, revision
from monitor.store.connecting import reading
from monitor.store.faults import explained
from monitor.store.instance import Instance

# The write and read version of a file that is not in WAL mode.
_SINGLE_FILE = b"\x01\x01"
_MAGIC = b"SQLite format 3\0"
_ADOPT_BACKUP = "put a backup in its place and take that over with `tagdrift db adopt`"
_ADOPT = "put the right file back, or take this one over as it is with `tagdrift db adopt`"
# What grows without end; the others stay small.
LARGE = ("observations", "payloads", "readings", "http_cache")


def check_file(path: Path) -> None:
    """Look at the first page and the length.

    Raises:
        DatabaseDamaged: they are not those of a whole database.

    """
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from None
    if not length:
        raise DatabaseDamaged(f"{path}: emptied (0 bytes); it is left as it is: {_ADOPT_BACKUP}")
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise DatabaseDamaged(
            f"{path}: its first page is not a database's; it is left as it is: {_ADOPT_BACKUP}"
        )
    if has_stale_log(path):
        raise DatabaseDamaged(
            f"{path}: a backup, but {path.name}-wal of another database lies beside it; {_ADOPT}"
        )
    (page,) = struct.unpack(">H", head[16:18])
    (pages,) = struct.unpack(">I", head[28:32])
    size = 65536 if page == 1 else page
    if length < size * pages:
        raise DatabaseDamaged(
            f"{path}: cut short ({length} bytes of {size * pages}); it is left as it is: {_ADOPT_BACKUP}"
        )


def check_absent(path: Path, known: identity.Known | None) -> None:
    """Make sure that a file that is not there was never there.

    Raises:
        DatabaseDamaged: it was.

    """
    if known is not None and known.sequence:
        raise DatabaseDamaged(
            f"{path}: gone, although {identity.identity_path(path).name} remembers {known.sequence} commits; "
            f"{_ADOPT_BACKUP}, or remove {identity.identity_path(path)} to begin with an empty history"
        )
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        raise DatabaseDamaged(
            f"{path}: gone, but {log.name} is there and holds what was written last; put it back"
        )


def check_instance(path: Path, known: identity.Known | None, found: Instance | None) -> Instance:
    """Make sure that the database is the one that we remember, and not older.

    Raises:
        DatabaseDamaged: it is not.

    """
    if found is None:
        raise DatabaseDamaged(f"{path}: emptied (it says nothing of itself): {_ADOPT_BACKUP}")
    if known is None:
        raise DatabaseDamaged(
            f"{path}: nothing is remembered of it ({identity.identity_path(path).name} is missing), so it "
            "may be an "
            f"older copy; {_ADOPT}"
        )
    if known.name != found.name:
        raise DatabaseDamaged(f"{path}: another database than the one used before; {_ADOPT}")
    if found.sequence < known.sequence:
        lost = known.sequence - found.sequence
        raise DatabaseDamaged(
            f"{path}: older than what is remembered of it: the last {lost} commits are missing, from a "
            "backup that was "
            f"put in its place or a damaged {path.name}-wal; {_ADOPT}"
        )
    return found


def instance_of(connection: sqlite3.Connection) -> Instance | None:
    """Return what the database says of itself; None where it says nothing."""
    row = connection.execute("SELECT name, sequence, visits FROM instance").fetchone()
    return None if row is None else Instance(*row)


def check_present(path: Path) -> None:
    """Make sure that there is a file.

    Raises:
        StoreError: there is none; DatabaseDamaged, where there was one.

    """
    try:
        path.stat()
    except FileNotFoundError:
        check_absent(path, identity.read(path))
        raise StoreError(f"{path}: there is no database; `tagdrift run` makes it") from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read by uid {os.geteuid()} ({error.strerror})") from None


def check_fit(path: Path) -> None:
    """Make sure that there is a database of our form, for a command to read or write.

    Raises:
        StoreError: there is none.

    """
    check_present(path)
    check_file(path)
    with explained(path), closing(reading(path)) as connection:
        found = revision.revision_of(connection)
    revision.check(path, found)
    if found != revision.HEAD:
        raise StoreError(
            f"{path}: of an older form ({found}; this tagdrift knows {revision.HEAD}); restart the daemon,"
            " or run "
            "`tagdrift db upgrade` while none runs"
        )


def put_stale_log_aside(path: Path) -> None:
    """Keep a write-ahead log from being mixed into a backup that was put in the place of its database."""
    if has_stale_log(path):
        Path(f"{path}-wal").replace(Path(f"{path}-wal.stale"))
        Path(f"{path}-shm").unlink(missing_ok=True)


def has_stale_log(path: Path) -> bool:
    """Whether a log lies beside a file that was never written through one.

    A database in use always is; a backup of ours never. SQLite would write the log's pages into it.
    """
    log = Path(f"{path}-wal")
    with path.open("rb") as file:
        head = file.read(20)
    return head[18:20] == _SINGLE_FILE and log.exists() and log.stat().st_size > 0


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Look at the pages of all small tables, and at both ends of the large ones.

    Raises:
        DatabaseDamaged: one of them is damaged.

    """
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if table in LARGE:
            connection.execute(f'SELECT min(rowid), max(rowid) FROM "{table}"').fetchone()  # noqa: S608 a table of our own
        else:
            _raise_for(path, connection.execute(f'PRAGMA quick_check("{table}")').fetchall())


def check_whole(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Look at every page; returns what is wrong, one sentence each."""
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    found = [] if said == ["ok"] else said
    return (*found, *(f"row {row[1]} of {row[0]} refers to nothing in {row[2]}" for row in orphans[:100]))


def _raise_for(path: Path, said: list[tuple[str]]) -> None:
    if said != [("ok",)]:
        raise DatabaseDamaged(f"{path}: damaged ({said[0][0]}): {_ADOPT_BACKUP}")

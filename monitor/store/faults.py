"""What the database engine says when it refuses, as a sentence for an operator."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from monitor.errors import DatabaseBusy, DatabaseDamaged, StoreError

_PASSING = (
    "SQLITE_FULL",
    "SQLITE_READONLY",
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
)
GOES_ON = "nothing was written; writing goes on by itself when that has changed"


def name_of(error: BaseException) -> str:
    """Return SQLite's own name of the error, `SQLITE_FULL`; empty where it has none."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(origin, "sqlite_errorname", None) or "")


def is_of_the_disk(error: BaseException) -> bool:
    """Whether the whole transaction is lost, rather than one statement wrong."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(origin, sqlite3.DatabaseError) and not isinstance(
        origin,
        (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError),
    )


def refusal(error: BaseException, path: Path) -> StoreError:
    """Return what `explain` does, for whoever goes on writing."""
    found = explain(error, path)
    if not name_of(error).startswith(_PASSING):
        return found
    return type(found)(f"{found}: {GOES_ON}")


def explain(error: BaseException, path: Path) -> StoreError:
    """Return the error that says what happened to this database, and what to do."""
    name = name_of(error)
    for start, said in _SENTENCES:
        if name.startswith(start):
            return said(path, str(error.orig if isinstance(error, DBAPIError) else error))
    return StoreError(f"{path}: the database refused: {_plain(error)}")


def _plain(error: BaseException) -> str:
    # SQLAlchemy's own text holds the statement and its values.
    return str(error.orig if isinstance(error, DBAPIError) else error)


def _full(path: Path, _: str) -> StoreError:
    return StoreError(f"{path}: the disk is full; free some space under {path.parent}")


def _read_only(path: Path, said: str) -> StoreError:
    return StoreError(
        f"{path}: the database or its folder is read-only ({said}); it must be writable by uid {os.geteuid()}"
    )


def _busy(path: Path, _: str) -> StoreError:
    holder = holder_of(path)
    who = f"process {holder}" if holder else "another process"
    return DatabaseBusy(f"{path}: locked by {who}; end it if it does not end by itself")


def _damaged(path: Path, said: str) -> StoreError:
    return DatabaseDamaged(
        f"{path}: damaged ({said}); `tagdrift db check` says more. Stop tagdrift, put a backup in its "
        "place and take "
        "that over with `tagdrift db adopt`"
    )


def _no_access(path: Path, said: str) -> StoreError:
    return StoreError(f"{path}: cannot be opened ({said}); {_hindrance(path.parent)}")


def _is_full(folder: Path) -> bool:
    try:
        return not os.statvfs(folder).f_bavail
    except OSError:
        return False


def _hindrance(folder: Path) -> str:
    """Return what keeps files from being opened in this folder; a question where that is not known."""
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        return f"{folder}: {error.strerror}"
    if disk.f_files and not disk.f_favail:
        return f"there is no room for another file under {folder} (no inodes are left): remove some"
    if disk.f_flag & os.ST_RDONLY:
        return f"{folder} is on a file system that is read-only"
    return f"is it there, and may uid {os.geteuid()} use its folder?"


def _io(path: Path, said: str) -> StoreError:
    if _is_full(path.parent):
        # So SQLite says it of the file that it shares with readers.
        return _full(path, said)
    return StoreError(
        f"{path}: the disk gave an error, or is read-only since one ({said}); `dmesg` says more"
    )


_SENTENCES: tuple[tuple[str, Callable[[Path, str], StoreError]], ...] = (
    ("SQLITE_FULL", _full),
    ("SQLITE_READONLY", _read_only),
    ("SQLITE_BUSY", _busy),
    ("SQLITE_LOCKED", _busy),
    ("SQLITE_CORRUPT", _damaged),
    ("SQLITE_NOTADB", _damaged),
    ("SQLITE_CANTOPEN", _no_access),
    ("SQLITE_IOERR", _io),
)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn whatever the database engine raises within into a StoreError."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise explain(error, path) from None


def holder_of(path: Path, locks: Path = Path("/proc/locks")) -> str:
    """Return number and name of a process that holds a lock on it; empty where that cannot be told."""
    try:
        inodes = {str(held.stat().st_ino) for held in (path, Path(f"{path}-shm")) if held.exists()}
        lines = [line.split() for line in locks.read_text().splitlines()]
    except OSError:
        return ""
    for parts in lines:
        # 1: POSIX ADVISORY WRITE 4711 fe:00:123456 120 120
        if "WRITE" in parts and parts[-3].rsplit(":", 1)[-1] in inodes:
            pid = parts[-4]
            if pid != str(os.getpid()):
                return f"{pid} ({_command(pid)})"
    return ""


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "?"

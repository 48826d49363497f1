"""Copies of the whole database, taken while it is written to."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from monitor.errors import StoreError
from monitor.store.connecting import connect
from monitor.store.faults import explain
from monitor.store.forcing import force_file, force_folder


def copy(path: Path, target: Path) -> None:
    """Copy the database at `path` to `target`, whole or not at all; what was at `target` is replaced.

    Raises:
        StoreError: either of the two refuses.

    """
    fresh = Path(f"{target}.new")
    try:
        fresh.unlink(missing_ok=True)
        _copy(path, fresh)
        fresh.replace(target)
        force_folder(target.parent)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written ({error.strerror})") from None
    finally:
        fresh.unlink(missing_ok=True)


def _copy(path: Path, fresh: Path) -> None:
    try:
        source = connect(path, "ro")
    except sqlite3.Error as error:
        raise explain(error, path) from None
    try:
        # In one go: a copy in steps begins anew whenever somebody writes between two of them.
        copied = connect(fresh, "rwc")
        try:
            source.backup(copied)
            # One file that is whole by itself, wherever it is carried.
            copied.execute("PRAGMA journal_mode=DELETE")
        finally:
            copied.close()
    except sqlite3.Error as error:
        raise explain(error, fresh) from None
    finally:
        source.close()
    force_file(fresh)

"""What can be done to the files of a database, and what must be said of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROMISE = (
    "said with what was found and what would be right; never a fresh database, the file left as it is; "
    "nothing that was acknowledged is lost without being said; all is told once a backup is taken over"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """What is done to the files; what is said of it while the daemon runs, and at the next start."""

    fault: str
    how: str
    do: Callable[[Path], object]
    says: str = ""
    refused: str
    was_killed: bool = False
    is_long: bool = False

    def as_row(self, when: str) -> Any:
        row = pytest.mark.fault(self.fault, how=f"{self.how}, {when}", promise=PROMISE)
        level = pytest.mark.campaign if self.is_long else pytest.mark.real
        return pytest.param(self, id=self.how, marks=[row, level])


def log_of(database: Path) -> Path:
    return Path(f"{database}-wal")


def backup_of(database: Path) -> Path:
    return database.parent.parent / "backup.db"


def spoil(file: Path, offset: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(offset)
        opened.write(os.urandom(4096))


def cut(file: Path, share: float) -> None:
    os.truncate(file, int(file.stat().st_size * share))


def move_over(database: Path) -> None:
    copy = shutil.copyfile(backup_of(database), database.with_suffix(".copy"))
    Path(copy).replace(database)


def root_of(database: Path, table: str) -> int:
    """Return where the table's first page begins."""
    query = f"SELECT rootpage FROM sqlite_master WHERE name = '{table}'"
    with closing(sqlite3.connect(database)) as connection:
        return int((connection.execute(query).fetchone()[0] - 1) * 4096)


def make_newer(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")


def held(database: Path) -> dict[str, bytes]:
    """Return what the files of the database hold; who has its lock does not matter."""
    files = {file.name: file.read_bytes() for file in database.parent.glob("tagdrift.db*")}
    return {name: body for name, body in files.items() if body and not name.endswith((".lock", "-shm"))}

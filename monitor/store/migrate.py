"""Alembic, in a process of its own: `python -m monitor.store.migrate upgrade FILE`.

For who works on tagdrift: `check` (do the tables and the migrations say the same?), `snapshot` (write
`schema.sql` anew from the migrations), `revision MESSAGE` (begin a migration from what has changed in the
tables).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text

from monitor.errors import StoreError
from monitor.store import backups, revision
from monitor.store.connecting import connect, driver_of, writer_engine
from monitor.store.creating import SCHEMA, begin_file
from monitor.store.faults import explained
from monitor.store.upgrading import backup_path


def upgrade(path: Path) -> Path | None:
    """Bring the database up to date after a backup; returns where that is, None where nothing was to be done.

    Raises:
        StoreError: it cannot be done, and the database is as it was.

    """
    with explained(path):
        found = _revision(path)
        revision.check(path, found)
        if found == revision.HEAD:
            return None
        backup = backup_path(path)
        backups.copy(path, backup)
        with _config(path) as config:
            command.upgrade(config, "head")
    return backup


def build(path: Path, to: str = "head") -> None:
    """Make a database by running all migrations up to this one."""
    connection = connect(path, "rwc")
    try:
        begin_file(connection)
    finally:
        connection.close()
    with _config(path) as config:
        command.upgrade(config, to)


def snapshot() -> str:
    """Return what all migrations come to, as SQL."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.db"
        build(path)
        connection = connect(path, "ro")
        try:
            made = connection.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
            ).fetchall()
            found = revision.revision_of(connection)
        finally:
            connection.close()
    head = "-- What the migrations come to; written by `python -m monitor.store.migrate snapshot`.\n"
    lines = [f"{sql.replace(chr(9), '    ')};" for (sql,) in made]
    stamp = f"INSERT INTO alembic_version VALUES ('{found}');\n"  # noqa: S608 it is our own number
    return "\n".join([head, *lines, stamp])


def check() -> None:
    """Compare the tables with what the migrations come to.

    Raises:
        CommandError: they differ.

    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "check.db"
        build(path)
        with _config(path) as config:
            command.check(config)


def begin_revision(message: str) -> None:
    """Write a migration from what has changed in the tables, to be read and mended by hand."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "revision.db"
        build(path)
        with _config(path) as config:
            id_ = f"{int(revision.HEAD) + 1:04d}"
            command.revision(config, message=message, autogenerate=True, rev_id=id_)


def _revision(path: Path) -> str | None:
    connection = connect(path, "ro")
    try:
        return revision.revision_of(connection)
    finally:
        connection.close()


@contextmanager
def _config(path: Path) -> Iterator[Config]:
    engine = writer_engine(path)
    try:
        with engine.connect() as connection:
            # A table that is built anew must not take the rows that refer to it along.
            driver_of(connection).execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                config = Config()
                config.set_main_option("script_location", str(revision.migrations_path()))
                config.attributes["connection"] = connection
                yield config
                orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
                if orphans:
                    raise StoreError(
                        f"{path}: the upgrade left {len(orphans)} rows without what they refer to"
                    )
    finally:
        engine.dispose()


def main(arguments: Sequence[str]) -> int:
    """Run one command; 1 with a sentence where it fails."""
    try:
        match list(arguments):
            case ["upgrade", path]:
                upgrade(Path(path))
            case ["check"]:
                check()
            case ["snapshot"]:
                SCHEMA.write_text(snapshot())
            case ["revision", message]:
                begin_revision(message)
            case _:
                sys.stderr.write(f"{__doc__}\n")
                return 2
    except (StoreError, CommandError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The migrations come to what the code expects, and an older database is brought there without a loss."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Integer, Table

from monitor.errors import StoreError
from monitor.store import Store, care, migrate, revision, visit
from monitor.store.creating import SCHEMA
from monitor.store.identity import Known, write_identity
from monitor.store.schema import metadata
from tests.conftest import ManualClock
from tests.looking import look, rows

MADE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
NAME = "0123456789abcdef" * 2


@pytest.fixture
def older(database: Path) -> Path:
    """A database of the first form, with a target in it."""
    migrate.build(database, "0001")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO instance VALUES (1, ?, 7, 0)", (NAME,))
        connection.execute("INSERT INTO targets VALUES (1, 'python-build-standalone', 0, NULL)")
    write_identity(database, Known(NAME, 7))
    return database


def test_all_migrations_come_to_the_tables_of_the_code() -> None:
    migrate.check()


def test_a_table_that_no_migration_makes_is_noticed() -> None:
    extra = Table("extra", metadata, Column("id", Integer, primary_key=True))
    try:
        with pytest.raises(CommandError, match="New upgrade operations detected"):
            migrate.check()
    finally:
        metadata.remove(extra)


def test_a_fresh_database_is_what_all_migrations_come_to(store: Store, tmp_path: Path) -> None:
    assert migrate.snapshot() == SCHEMA.read_text(), "run: python -m monitor.store.migrate snapshot"
    upgraded = tmp_path / "upgraded.db"
    migrate.build(upgraded)

    def made(path: Path) -> list[tuple[str, ...]]:
        return [(*row[:3], row[3].replace("\t", "    ")) for row in rows(path, MADE)]

    assert made(store.path) == made(upgraded)
    assert rows(store.path, "SELECT * FROM alembic_version") == [(revision.HEAD,)]
    for pragma in ("auto_vacuum", "journal_mode", "page_size"):
        assert rows(store.path, f"PRAGMA {pragma}") == rows(upgraded, f"PRAGMA {pragma}")
    assert rows(store.path, "PRAGMA auto_vacuum") == [(2,)]


def test_the_code_knows_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(revision.migrations_path()))
    assert ScriptDirectory.from_config(config).get_heads() == [revision.HEAD]


@pytest.mark.fault("an older schema", how="", promise="")
def test_an_older_database_is_upgraded_at_the_start_after_a_backup(
    older: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = Store.open(older, clock=clock)
    assert (
        f"brought from form 0001 to {revision.HEAD}; as it was it is kept in {older}.before-" in caplog.text
    )
    assert rows(older, "SELECT * FROM alembic_version") == [(revision.HEAD,)]
    assert store.reader.targets() == ("python-build-standalone",)
    store.close()
    backup = Path(f"{older}.before-{revision.HEAD}")
    assert rows(backup, "SELECT * FROM alembic_version") == [("0001",)]
    assert rows(backup, "PRAGMA integrity_check") == [("ok",)]


def test_an_older_database_is_upgraded_by_command_once(older: Path) -> None:
    assert care.upgrade(older) == Path(f"{older}.before-{revision.HEAD}")
    assert care.upgrade(older) is None
    assert care.check(older) == ()


def test_a_command_says_what_to_do_about_an_older_database(older: Path, clock: ManualClock) -> None:
    with pytest.raises(StoreError, match=r"of an older form .*`tagdrift db upgrade`"):
        visit(older, lambda ledger: ledger.observe(look()), clock=clock)


@pytest.mark.fault(
    "an upgrade that fails",
    how="a table that is in the way",
    promise="the database is as it was, and is upgraded once the cause is gone",
)
def test_an_upgrade_that_fails_leaves_the_database_as_it_was(older: Path, clock: ManualClock) -> None:
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("CREATE TABLE release_lag (x)")
    before = rows(older, MADE)
    with pytest.raises(StoreError, match=r"is as it was.*release_lag already exists"):
        Store.open(older, clock=clock)
    assert rows(older, MADE) == before
    assert rows(older, "SELECT * FROM alembic_version") == [("0001",)]
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("DROP TABLE release_lag")
    Store.open(older, clock=clock).close()


def test_an_upgrade_that_leaves_rows_that_refer_to_nothing_does_not_happen(older: Path) -> None:
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("INSERT INTO events VALUES (1, 0, 99, 'opened', NULL, NULL, NULL, '')")
    with pytest.raises(StoreError, match="1 rows without what they refer to"):
        migrate.upgrade(older)
    assert rows(older, "SELECT * FROM alembic_version") == [("0001",)]


def test_a_backup_from_before_an_upgrade_is_upgraded_again_once_it_is_taken_over(
    older: Path, clock: ManualClock
) -> None:
    Store.open(older, clock=clock).close()
    Path(f"{older}.before-{revision.HEAD}").replace(older)
    care.adopt(older)
    store = Store.open(older, clock=clock)
    assert store.reader.targets() == ("python-build-standalone",)
    store.close()


def test_the_daemon_does_not_carry_alembic_although_it_upgrades(older: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from monitor.clock import SystemClock; "
        "from monitor.store import Store; Store.open(Path(sys.argv[1]), clock=SystemClock()).close(); "
        "print([name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(older)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert rows(older, "SELECT * FROM alembic_version") == [(revision.HEAD,)]


async def test_a_look_is_recorded_after_an_upgrade(older: Path, clock: ManualClock) -> None:
    store = await asyncio.to_thread(Store.open, older, clock=clock)
    await store.writer.submit(lambda ledger: ledger.observe(look()))
    assert rows(older, "SELECT sequence FROM instance") == [(8,)]
    store.close()


def test_the_command_line_says_how_it_is_used(capsys: pytest.CaptureFixture[str], older: Path) -> None:
    assert migrate.main(["check"]) == 0
    assert migrate.main(["upgrade", str(older)]) == 0
    assert migrate.main(["upgrade", str(older)]) == 0
    assert migrate.main(["upgrade", f"{older}.nowhere"]) == 1
    assert "cannot be opened" in capsys.readouterr().err
    assert migrate.main([]) == 2
    assert "python -m monitor.store.migrate upgrade FILE" in capsys.readouterr().err

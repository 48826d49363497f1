"""What becomes of the daemon when somebody, or the disk, has its way with the files of its database."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.errors import StoreError
from monitor.store import Store, care, migrate
from monitor.store.identity import Known, write_identity
from tests.real.harming import (
    PROMISE,
    Harm,
    backup_of,
    cut,
    held,
    log_of,
    make_newer,
    move_over,
    root_of,
    spoil,
)
from tests.real.running import Running, running
from tests.real.troubled import LIMIT, begun, blames_itself, command, of_targets, refuses, settled, turn
from tests.servers.site import Site

OLDER = "0123456789abcdef" * 2
RUNNING, BETWEEN = "under the running daemon", "between two runs"

WHILE_RUNNING = (
    Harm(
        fault="a WAL truncated",
        how="the log is cut in half",
        do=lambda database: cut(log_of(database), 0.5),
        says="tagdrift.db-wal: cut short while tagdrift runs",
        refused="commits are missing",
    ),
    Harm(
        fault="a page overwritten",
        how="noise over the first page",
        do=lambda database: spoil(database, 0),
        says="overwritten while tagdrift runs",
        refused="its first page is not a database's; it is left as it is: put a backup in its place",
        is_long=True,
    ),
    Harm(
        fault="the file emptied",
        how="the file is cut to nothing",
        do=lambda database: cut(database, 0),
        says="emptied while tagdrift runs",
        refused="emptied (0 bytes); it is left as it is: put a backup in its place",
    ),
    Harm(
        fault="the file deleted",
        how="the file is deleted",
        do=lambda database: database.unlink(),
        says="gone while tagdrift runs",
        refused="put a backup in its place and take that over with `tagdrift db adopt`",
    ),
    Harm(
        fault="a restored backup",
        how="a backup is copied over the file",
        do=lambda database: shutil.copyfile(backup_of(database), database),
        says="a backup was copied over it while tagdrift runs",
        refused="take this one over as it is with `tagdrift db adopt`",
    ),
    Harm(
        fault="a restored backup",
        how="a backup is put in its place",
        do=move_over,
        says="replaced by another file while tagdrift runs",
        refused="take this one over as it is with `tagdrift db adopt`",
        is_long=True,
    ),
)


@pytest.mark.parametrize("harm", [harm.as_row(RUNNING) for harm in WHILE_RUNNING])
async def test_harm_to_the_files_of_a_running_daemon(tmp_path: Path, site: Site, harm: Harm) -> None:
    async with running(tmp_path, site, receivers=("chat",)) as daemon:
        await begun(daemon)
        care.backup(daemon.database, backup_of(daemon.database))
        harm.do(daemon.database)
        turn(daemon)
        await blames_itself(daemon, harm.says)
        assert of_targets(daemon) == {"chat": Counter({("behind", "over"): 1})}
        assert await daemon.end() == 0
        before = held(daemon.database)
        with pytest.raises(StoreError, match=re.escape(harm.refused)):
            Store.open(daemon.database, clock=SystemClock())
        assert held(daemon.database) == before
        shutil.copyfile(backup_of(daemon.database), daemon.database)
        care.adopt(daemon.database)
        await all_is_told(daemon)


@pytest.mark.real
@pytest.mark.fault("the file deleted", how="the log is deleted", promise=PROMISE)
async def test_a_log_that_is_deleted_under_a_running_daemon(tmp_path: Path, site: Site) -> None:
    async with running(tmp_path, site, receivers=("chat",)) as daemon:
        await begun(daemon)
        ((looks,),) = daemon.sql("SELECT count(*) FROM observation_log")
        log_of(daemon.database).unlink()
        turn(daemon)
        await blames_itself(daemon, "tagdrift.db-wal: gone (No such file or directory) while tagdrift runs")
        assert await daemon.end() == 0
        await all_is_told(daemon)
        assert daemon.sql("SELECT count(*) FROM observation_log")[0][0] > looks


async def all_is_told(daemon: Running) -> None:
    """Start it, and make sure that all that is due is told, once."""
    await daemon.start(within=LIMIT)
    await settled(daemon)
    assert await daemon.end() == 0
    assert_once(daemon)


def assert_once(daemon: Running) -> None:
    assert [*of_targets(daemon)["chat"].values()] == [1, 1, 1]
    assert care.check(daemon.database) == ()


# --- between two runs ---------------------------------------------------------------------------


BACKUP = "put a backup in its place and take that over with `tagdrift db adopt`"
BETWEEN_RUNS = (
    Harm(
        fault="a WAL truncated",
        how="the log is cut in half",
        do=lambda database: cut(log_of(database), 0.5),
        refused="put the right file back, or take this one over as it is with `tagdrift db adopt`",
        was_killed=True,
    ),
    Harm(
        fault="a page overwritten",
        how="noise in the log",
        do=lambda database: spoil(log_of(database), log_of(database).stat().st_size // 2),
        refused="commits are missing",
        was_killed=True,
    ),
    Harm(
        fault="a page overwritten",
        how="noise over a table",
        do=lambda database: spoil(database, root_of(database, "states")),
        refused="damaged (",
    ),
    Harm(
        fault="the file emptied",
        how="the file is cut to nothing",
        do=lambda database: cut(database, 0),
        refused=f"emptied (0 bytes); it is left as it is: {BACKUP}",
    ),
    Harm(
        fault="the file deleted",
        how="the file is deleted",
        do=lambda database: database.unlink(),
        refused="gone, although tagdrift.db.identity remembers",
    ),
    Harm(
        fault="a newer schema",
        how="the database says that its form is 0099",
        do=make_newer,
        refused="written by a newer tagdrift (form 0099; this one knows",
    ),
)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a daemon that was killed, with an older backup beside its data."""
    folder = tmp_path_factory.mktemp("killed")
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, run_and_kill(folder)).result()
    return folder


async def run_and_kill(folder: Path) -> None:
    site = await Site().open()
    async with running(folder, site, receivers=("chat",)) as daemon:
        await begun(daemon)
        care.backup(daemon.database, backup_of(daemon.database))
        ((looks,),) = daemon.sql("SELECT count(*) FROM observation_log")
        more = "SELECT count(*) FROM observation_log"
        await daemon.until(lambda: daemon.sql(more)[0][0] > looks + 2, "it looks on", LIMIT)
        await daemon.kill()
    await site.close()


def laid_out(killed: Path, folder: Path, site: Site, *, was_killed: bool) -> Running:
    """Lay out the files of that daemon for another one, which would have a drift to tell."""
    shutil.copytree(killed / "data", folder / "data")
    shutil.copyfile(killed / "backup.db", folder / "backup.db")
    daemon = Running(folder, site, receivers=("chat",))
    if not was_killed:
        Store.open(daemon.database, clock=SystemClock()).close()
    turn(daemon)
    daemon.configure("late", "over")
    return daemon


@pytest.mark.parametrize("harm", [harm.as_row(BETWEEN) for harm in BETWEEN_RUNS])
async def test_harm_to_the_files_between_two_runs(
    tmp_path: Path, site: Site, killed: Path, harm: Harm
) -> None:
    daemon = laid_out(killed, tmp_path, site, was_killed=harm.was_killed)
    harm.do(daemon.database)
    before = held(daemon.database)
    said = await refuses(daemon)
    assert said.startswith(str(daemon.database))
    assert harm.refused in said
    assert "db adopt" in said
    assert held(daemon.database) == before
    assert daemon.told == {"chat": []}


@pytest.mark.real
@pytest.mark.fault("a restored backup", how="a backup is put in its place, between two runs", promise=PROMISE)
async def test_a_backup_that_is_restored_between_two_runs(tmp_path: Path, site: Site, killed: Path) -> None:
    daemon = laid_out(killed, tmp_path, site, was_killed=False)
    move_over(daemon.database)
    assert "commits are missing, from a backup that was put in its place" in await refuses(daemon)
    status, said = await command(daemon, "db", "adopt")
    assert (status, "taken over as it was after" in said) == (0, True)
    await daemon.start(within=LIMIT)
    await daemon.until(lambda: len(daemon.told["chat"]) == 2, "what is due is told", LIMIT)
    assert await daemon.end() == 0
    assert daemon.counted("chat") == {("resolved", "over"): 1, ("behind", "late"): 1}


@pytest.mark.real
@pytest.mark.fault(
    "an older schema",
    how="a database of the first form, at the start",
    promise="brought to today's form and kept as it was, both said; all goes on",
)
async def test_a_database_of_an_older_form(tmp_path: Path, site: Site) -> None:
    async with running(tmp_path, site, receivers=("chat",)) as daemon:
        daemon.publish("late", named="1.0.0")
        daemon.configure("late")
        migrate.build(daemon.database, "0001")
        with closing(sqlite3.connect(daemon.database)) as connection, connection:
            connection.execute("INSERT INTO instance VALUES (1, ?, 7, 0)", (OLDER,))
        write_identity(daemon.database, Known(OLDER, 7))
        await daemon.start(within=LIMIT)
        await daemon.says(f"as it was it is kept in {daemon.database}.before-")
        await daemon.until(lambda: bool(daemon.told["chat"]), "the drift is told", LIMIT)
        assert await daemon.end() == 0
        assert daemon.sql("SELECT sequence > 7 FROM instance") == [(1,)]
        assert care.check(daemon.database) == ()

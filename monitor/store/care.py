"""What an operator does with the database: back it up, look at it, take one over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from monitor.errors import StoreError
from monitor.model import Clock
from monitor.store import backups, identity, inspecting, lock, revision
from monitor.store.connecting import connect, reading
from monitor.store.faults import explained
from monitor.store.identity import Known, write_identity
from monitor.store.instants import from_us_or_none
from monitor.store.lock import Lock
from monitor.store.upgrading import upgrade_file
from monitor.store.visiting import visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How large the database is, and what it holds.

    `free_bytes` are pages that will be used again. `rows` counts by table. `daemon` is the process that holds
    it.
    """

    path: Path
    revision: str
    instance: str
    commits: int
    bytes: int
    log_bytes: int
    free_bytes: int
    rows: dict[str, int]
    oldest_observation_at: datetime | None
    newest_observation_at: datetime | None
    daemon: int | None


def stats(path: Path) -> Stats:
    """Return how large the database is; counting millions of rows takes a second or two."""
    path = path.resolve()
    inspecting.check_fit(path)
    with explained(path), closing(reading(path)) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version' ORDER "
                "BY name"
            )
        ]
        rows = {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 our own names
            for table in tables
        }
        oldest, newest = connection.execute("SELECT min(at), max(at) FROM observations").fetchone()
        (page,), (free,) = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_size", "freelist_count")
        )
        name, commits = connection.execute("SELECT name, sequence FROM instance").fetchone()
    log = Path(f"{path}-wal")
    return Stats(
        path=path,
        revision=revision.HEAD,
        instance=name,
        commits=commits,
        bytes=path.stat().st_size,
        log_bytes=log.stat().st_size if log.exists() else 0,
        free_bytes=page * free,
        rows=rows,
        oldest_observation_at=from_us_or_none(oldest),
        newest_observation_at=from_us_or_none(newest),
        daemon=lock.holder(path),
    )


def holder(path: Path) -> int | None:
    """Return the process id of the daemon that holds the database, None where none is known to."""
    return lock.holder(path.resolve())


def backup(path: Path, target: Path) -> int:
    """Copy the database while it is written to, whole or not at all; returns the bytes of the copy.

    Raises:
        StoreError: either of the two refuses, or they are the same.

    """
    path = path.resolve()
    inspecting.check_present(path)
    if target.exists() and target.samefile(path):
        raise StoreError(f"{target}: that is the database itself; name another file")
    backups.copy(path, target)
    return target.stat().st_size


def check(path: Path) -> tuple[str, ...]:
    """Look at every page and row; returns what is wrong, one sentence each.

    Raises:
        StoreError: there is nothing to look at.

    """
    path = path.resolve()
    inspecting.check_present(path)
    try:
        inspecting.check_file(path)
        with explained(path), closing(reading(path)) as connection:
            found = inspecting.check_whole(connection)
            revision.check(path, revision.revision_of(connection))
            inspecting.check_instance(path, identity.read(path), inspecting.instance_of(connection))
    except StoreError as error:
        return (str(error),)
    return found


def prune(path: Path, before: datetime, clock: Clock, *, batch: int = 5000) -> int:
    """Delete the observations from before this instant, and give the space back; returns how many went.

    Raises:
        StoreError: the database refuses; what went stays gone.

    """
    pruned = 0
    while True:
        gone = visit(path, lambda ledger: ledger.prune(before, batch), clock=clock)
        pruned += gone
        if gone < batch:
            break
    with explained(path), closing(connect(path.resolve(), "rw")) as connection:
        # `execute` would give back one page and stop.
        connection.executescript("PRAGMA incremental_vacuum")
    return pruned


def upgrade(path: Path) -> Path | None:
    """Bring the database to our form; returns the backup, None where nothing was to be done.

    Raises:
        StoreError: a daemon holds it, or it cannot be done.

    """
    with _held(path.resolve()) as held:
        return upgrade_file(held)


def adopt(path: Path) -> Known:
    """Take the file over as it is, as the database from now on; returns what is now remembered of it.

    It gets a name of its own, so that the one that it replaces is not taken for it later. A write-ahead log
    of the one before, which would be mixed into a backup, is put aside.

    Raises:
        StoreError: a daemon holds it, or it is damaged or of a newer form.

    """
    with _held(path.resolve()) as held:
        inspecting.check_present(held)
        inspecting.put_stale_log_aside(held)
        inspecting.check_file(held)
        with explained(held), closing(connect(held, "rw")) as connection:
            revision.check(held, revision.revision_of(connection))
            wrong = inspecting.check_whole(connection)
            found = inspecting.instance_of(connection)
            if wrong or found is None:
                raise StoreError(f"{held}: damaged, and not taken over: {wrong[0] if wrong else 'emptied'}")
            known = Known(uuid4().hex, found.sequence)
            connection.execute("UPDATE instance SET name = ?", (known.name,))
        write_identity(held, known)
    return known


@contextmanager
def _held(path: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        stack.callback(Lock.take(path).release)
        yield path

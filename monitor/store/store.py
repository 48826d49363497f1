"""The store: one database file, its one writer, and who reads it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from monitor.errors import StoreError
from monitor.model import Clock
from monitor.store import (
    alerts,
    holds,
    identity,
    inspecting,
    instance,
    names,
    observations,
    readings,
    revision,
)
from monitor.store.cache import StoredCache, StoredLimits
from monitor.store.connecting import BUSY_SECONDS, connect, writer_engine
from monitor.store.creating import create
from monitor.store.faults import explained
from monitor.store.identity import Identity, Known
from monitor.store.instance import Instance
from monitor.store.lock import Lock
from monitor.store.memory import Memory
from monitor.store.reader import Reader
from monitor.store.writer import Writer

DRAIN_FOR = timedelta(seconds=10)
UPGRADE_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What a database that is fit for use is opened to."""

    engine: Engine
    memory: Memory
    found: Instance
    limits: dict[str, datetime]


class Store:
    """A database in use by its one daemon; the fetcher's are `cache` and `limits`."""

    def __init__(self, path: Path, clock: Clock, lock: Lock, opened: _Opened, held: Identity) -> None:
        self._path = path
        self._engine = opened.engine
        self._lock = lock
        self._identity = held
        self._closed = False
        self._visits = opened.found.visits
        self.reader = Reader(path)
        self.writer = Writer(path, opened.engine, opened.memory, held, clock)
        self.cache = StoredCache(self.writer, self.reader)
        self.limits = StoredLimits(self.writer, opened.limits)

    @property
    def path(self) -> Path:
        """Where the database is."""
        return self._path

    @classmethod
    def open(cls, path: Path, *, clock: Clock, busy_seconds: float = BUSY_SECONDS) -> Store:
        """Open the database, making or upgrading it where that is needed.

        Raises:
            DatabaseBusy: another daemon holds it.
            DatabaseDamaged: it is damaged, emptied, replaced, or older than what we remember of it.
            StoreError: it cannot be used otherwise.

        """
        path = path.resolve()
        with ExitStack() as undo:
            lock = Lock.take(path)
            undo.callback(lock.release)
            known = _checked(path)
            engine = writer_engine(path, busy_seconds=busy_seconds)
            undo.callback(engine.dispose)
            opened = _opened(path, engine, known)
            held = Identity(path, Known(opened.found.name, opened.found.sequence))
            undo.callback(held.close)
            store = cls(path, clock, lock, opened, held)
            undo.pop_all()
        return store

    def foreign_changes(self) -> bool:
        """Return whether a command has written since the last call, an ack or a silence perhaps."""
        visits = self.reader.visits()
        before, self._visits = self._visits, visits
        return visits != before

    def close(self, wait_for: timedelta = DRAIN_FOR) -> None:
        """Write what waits, and let the database go; closing again does nothing.

        Raises:
            StoreError: it could not be written in time.

        """
        if self._closed:
            return
        self._closed = True
        if not self.writer.close(wait_for):
            # The thread is left to the disk that holds it, and the lock with it until the process ends.
            raise StoreError(
                f"{self._path}: {self.writer.depth} jobs could not be written within "
                f"{wait_for.total_seconds():.0f} s"
            )
        self.reader.close()
        self._engine.dispose()
        self._identity.close()
        self._lock.release()


def _checked(path: Path) -> Known | None:
    """Make sure that the file can be used, making or upgrading it; returns what is remembered of it."""
    known = identity.read(path)
    if not path.exists():
        inspecting.check_absent(path, known)
        create(path)
        return identity.read(path)
    inspecting.check_file(path)
    with explained(path):
        connection = connect(path, "rw")
        try:
            found = revision.revision_of(connection)
            revision.check(path, found)
            inspecting.check_pages(connection, path)
        finally:
            connection.close()
    if found is not None and revision.is_older(found):
        _upgrade(path)
    return known


def _upgrade(path: Path) -> None:
    """Run the migrations in a process of its own: the daemon does not carry Alembic."""
    command = [sys.executable, "-m", "monitor.store.migrate", "upgrade", str(path)]
    try:
        done = subprocess.run(  # noqa: S603 our own module, by our own interpreter
            command, capture_output=True, text=True, timeout=UPGRADE_FOR.total_seconds(), check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreError(f"{path}: could not be upgraded ({error}); it is as it was") from None
    if done.returncode:
        raise StoreError(f"{path}: could not be upgraded; it is as it was: {done.stderr.strip()}")


def _opened(path: Path, engine: Engine, known: Known | None) -> _Opened:
    memory = Memory()
    with explained(path), engine.connect() as connection:
        found = inspecting.check_instance(path, known, instance.read(connection))
        for part in (names, readings, alerts, observations):
            part.load(connection, memory)
        limits = holds.load(connection)
    memory.keep()
    return _Opened(engine=engine, memory=memory, found=found, limits=limits)

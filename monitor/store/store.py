"""The store: one database file, its one writer, and who reads it."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from monitor.errors import StoreError
from monitor.model import Clock
from monitor.store import holds, identity, inspecting, instance, revision
from monitor.store.cache import StoredCache, StoredLimits
from monitor.store.connecting import BUSY_SECONDS, connect, reader_engine, reading, writer_engine
from monitor.store.creating import create
from monitor.store.faults import explained
from monitor.store.footing import Footing
from monitor.store.identity import Identity, Known
from monitor.store.instance import Instance
from monitor.store.lock import Lock
from monitor.store.memory import Memory
from monitor.store.presence import Presence
from monitor.store.reader import Reader
from monitor.store.remembering import remember
from monitor.store.upgrading import upgrade_file
from monitor.store.writer import Writer

log = logging.getLogger(__name__)

DRAIN_FOR = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What a database that is fit for use is opened to."""

    presence: Presence
    footing: Footing
    engine: Engine
    witness: sqlite3.Connection
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
        self._footing = opened.footing
        self._witness = opened.witness
        self.reader = Reader(path, reader_engine(path, opened.presence))
        self._visits = opened.found.visits
        self.writer = Writer(
            presence=opened.presence,
            footing=opened.footing,
            engine=opened.engine,
            memory=opened.memory,
            identity=held,
            clock=clock,
        )
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
            _checked(path)
            presence = Presence(path)
            footing = Footing(path)
            undo.callback(footing.close)
            engine = writer_engine(path, busy_seconds=busy_seconds, presence=presence)
            undo.callback(engine.dispose)
            opened = _opened(presence, footing, engine)
            undo.callback(opened.witness.close)
            held = Identity(path, Known(opened.found.name, opened.found.sequence))
            undo.callback(held.close)
            store = cls(path, clock, lock, opened, held)
            undo.pop_all()
        return store

    def foreign_changes(self) -> bool:
        """Return whether a command has written since the last call, an ack or a silence perhaps.

        A database that refuses says nothing here: the next to write will hear of it.
        """
        try:
            visits = self.reader.visits()
        except StoreError:
            return False
        before, self._visits = self._visits, visits
        return visits != before

    def close(self, wait_for: timedelta = DRAIN_FOR) -> None:
        """Write what waits, and let the database go; closing again does nothing, or goes on waiting.

        Raises:
            StoreError: it could not be written in time.

        """
        if self._closed:
            return
        if not self.writer.close(wait_for):
            # The thread is left to the disk that holds it, and the lock with it until the process ends.
            raise StoreError(
                f"{self._path}: {self.writer.depth} jobs could not be written within "
                f"{wait_for.total_seconds():.0f} s"
            )
        self._closed = True
        self._let_go()
        self._footing.close()
        self._identity.close()
        self._lock.release()

    def _let_go(self) -> None:
        """Close all connections; the last one out copies the log into the file, unless that is damaged.

        What is damaged stays as it is for whoever mends it: the witness goes last, which only reads.
        """
        if not self.writer.is_damaged:
            self._witness.close()
        self.reader.close()
        self._engine.dispose()
        self._witness.close()


def _checked(path: Path) -> None:
    """Make sure that the file can be used, making or upgrading it; one that is refused stays as it is."""
    known = identity.read(path)
    if not path.exists():
        inspecting.check_absent(path, known)
        create(path)
        return
    inspecting.check_file(path)
    # Of two the one that only reads goes last, so that no log is folded into a file that is refused.
    with explained(path), closing(reading(path)), closing(connect(path, "rw")) as connection:
        found = revision.revision_of(connection)
        revision.check(path, found)
        inspecting.check_instance(path, known, inspecting.instance_of(connection))
        inspecting.check_pages(connection, path)
    if found != revision.HEAD:
        kept = upgrade_file(path)
        log.info(
            "%s: brought from form %s to %s; as it was it is kept in %s", path, found, revision.HEAD, kept
        )


def _opened(presence: Presence, footing: Footing, engine: Engine) -> _Opened:
    with explained(presence.path), engine.connect() as connection:
        found = instance.read(connection)
        memory = remember(connection)
        limits = holds.load(connection)
        witness = reading(presence.path)
    return _Opened(
        presence=presence,
        footing=footing,
        engine=engine,
        witness=witness,
        memory=memory,
        found=found,
        limits=limits,
    )

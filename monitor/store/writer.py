"""The one writer: a thread that owns the write connection and commits what has gathered.

While one commit is on its way to the disk the next jobs gather, so that its cost is shared and the loop never
waits for the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from monitor.errors import DatabaseDamaged, StoreError
from monitor.model import Clock
from monitor.store import faults, instance, observations, readings
from monitor.store.connecting import driver_of
from monitor.store.footing import Footing
from monitor.store.identity import Identity
from monitor.store.ledger import Ledger
from monitor.store.memory import Memory
from monitor.store.presence import Presence
from monitor.store.remembering import remember
from monitor.store.transaction import Transaction

log = logging.getLogger(__name__)

T = TypeVar("T")
MOST_IN_A_BATCH = 500
BUSY = 4
LINGER_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class _Failed:
    """What came of a job that raised."""

    error: Exception


@dataclass(frozen=True, slots=True)
class _Item:
    """A job and whoever waits for it; `future` is None where nobody does."""

    job: Callable[[Ledger], Any]
    future: asyncio.Future[Any] | None = None


class Writer:
    """Takes jobs from the loop and runs them on its thread: each in its savepoint, a batch a transaction."""

    def __init__(
        self,
        *,
        presence: Presence,
        footing: Footing,
        engine: Engine,
        memory: Memory,
        identity: Identity,
        clock: Clock,
    ) -> None:
        self._path = presence.path
        self._presence = presence
        self._footing = footing
        self._engine = engine
        self._memory: Memory | None = memory
        self._identity = identity
        self._clock = clock
        self._items: SimpleQueue[_Item | None] = SimpleQueue()
        self._closed = False
        self._progress = 0
        self._is_damaged = False
        self._logged: set[str] = set()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def progress(self) -> int:
        """How many batches have come to an end, good or bad."""
        return self._progress

    @property
    def is_damaged(self) -> bool:
        """Whether the last batch found the files damaged: what the log holds must not be copied over them."""
        return self._is_damaged

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return self._items.qsize()

    def submit(self, job: Callable[[Ledger], T]) -> asyncio.Future[T]:
        """Run the job in the next transaction; the result is there once that is on the disk.

        A job that raises is undone, alone, and its exception is raised to whoever waits. It must not keep the
        ledger, nor wait for anything.

        Raises:
            StoreError: the store is closed. Awaiting raises it where the database refused.

        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Item(job, future))
        return future

    def post(self, job: Callable[[Ledger], object]) -> None:
        """Run the job likewise, with nobody waiting; what goes wrong is logged."""
        self._put(_Item(job))

    def close(self, wait_for: timedelta) -> bool:
        """Take no more jobs, and return whether those that wait have all been run within this time."""
        if not self._closed:
            self._closed = True
            self._items.put(None)
        self._thread.join(wait_for.total_seconds())
        return not self._thread.is_alive()

    def _put(self, item: _Item) -> None:
        if self._closed:
            raise StoreError(f"{self._path}: closed; nothing more is written")
        self._items.put(item)

    # --- on the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            batch, is_last = self._gather()
            if batch:
                outcomes = self._work(batch)
                self._progress += 1
                self._log_unawaited(batch, outcomes)
                _resolve(batch, outcomes)
            if is_last:
                return

    def _gather(self) -> tuple[list[_Item], bool]:
        item = self._items.get()
        batch: list[_Item] = []
        try:
            while item is not None:
                batch.append(item)
                if len(batch) == MOST_IN_A_BATCH:
                    return batch, False
                item = self._next(len(batch))
        except Empty:
            return batch, False
        return batch, True

    def _next(self, gathered: int) -> _Item | None:
        """Return what comes next; where many come, wait for more: a commit costs as much as fifty looks."""
        return self._items.get_nowait() if gathered < BUSY else self._items.get(timeout=LINGER_SECONDS)

    def _work(self, batch: Sequence[_Item]) -> list[Any]:
        try:
            self._presence.check()
            outcomes = self._transact(batch)
        except StoreError as error:
            # Nothing was begun, so that all that is remembered stands.
            return self._refused(batch, error)
        except Exception as error:  # noqa: BLE001 this thread must outlive whatever happens
            # A commit that failed may have reached the disk for all that: what is there is read anew.
            self._memory = None
            self._engine.dispose()
            self._footing.forget_log()
            return self._refused(batch, self._explained(error))
        self._is_damaged = False
        self._logged.clear()
        return outcomes

    def _refused(self, batch: Sequence[_Item], error: StoreError) -> list[Any]:
        self._is_damaged = isinstance(error, DatabaseDamaged)
        return [_Failed(error)] * len(batch)

    def _log_unawaited(self, batch: Sequence[_Item], outcomes: Sequence[Any]) -> None:
        """Log what nobody will hear of otherwise; each sentence once until something is written again."""
        for item, outcome in zip(batch, outcomes, strict=True):
            if item.future is None and isinstance(outcome, _Failed):
                sentence = str(outcome.error)
                if sentence not in self._logged:
                    self._logged.add(sentence)
                    log.warning("not written: %s", sentence)

    def _explained(self, error: Exception) -> StoreError:
        if not faults.name_of(error):
            log.error("the writer failed", exc_info=error)
        return faults.refusal(error, self._path)

    def _transact(self, batch: Sequence[_Item]) -> list[Any]:
        with self._engine.connect() as connection:
            before = driver_of(connection).total_changes
            with connection.begin():
                self._footing.check()
                self._memory = memory = self._memory or remember(connection)
                tx = Transaction(connection, memory)
                ledger = Ledger(tx, self._clock)
                outcomes = [self._attempt(tx, ledger, item) for item in batch]
                readings.write(connection, memory)
                observations.write(connection, memory)
                sequence = self._step(connection, before)
        memory.journal.keep()
        if sequence is not None:
            self._identity.note(sequence)
        return outcomes

    def _step(self, connection: Connection, before: int) -> int | None:
        """Count this commit, unless it writes nothing."""
        if driver_of(connection).total_changes == before:
            return None
        return instance.step(connection)

    def _attempt(self, tx: Transaction, ledger: Ledger, item: _Item) -> Any:
        try:
            return tx.attempt(lambda: item.job(ledger))
        except DBAPIError as error:
            if faults.is_of_the_disk(error):
                raise
            return _Failed(faults.explain(error, self._path))
        except Exception as error:  # noqa: BLE001 it is the job's, and is raised to whoever waits for it
            return _Failed(error)


def _resolve(batch: Sequence[_Item], outcomes: Sequence[Any]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = defaultdict(list)
    for item, outcome in zip(batch, outcomes, strict=True):
        if item.future is not None:
            by_loop[item.future.get_loop()].append((item.future, outcome))
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, settled)
        except RuntimeError:
            # The loop is closed, and nobody waits any more.
            continue


def _settle(settled: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in settled:
        if future.done():
            continue
        if isinstance(outcome, _Failed):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome)

"""One transaction of the writer: the connection, its lazy savepoints, and what is gathered until it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult

from monitor.store.connecting import driver_of
from monitor.store.memory import Memory

T = TypeVar("T")


class Transaction:
    """What a batch writes with.

    A job's savepoint is opened by its first statement only: an unchanged look executes none of its own, its
    row is gathered in `memory` and written with all others at the end.
    """

    def __init__(self, connection: Connection, memory: Memory) -> None:
        self._connection = connection
        self._in_savepoint = False
        self.memory = memory

    @property
    def connection(self) -> Connection:
        """The connection, within the savepoint of the job at hand."""
        if not self._in_savepoint:
            self._connection.exec_driver_sql("SAVEPOINT job")
            self._in_savepoint = True
        return self._connection

    def attempt(self, job: Callable[[], T]) -> T:
        """Run the job; whatever it raises is raised again once all that it did is taken back."""
        mark = self.memory.journal.mark()
        try:
            result = job()
        except BaseException:
            self.memory.journal.undo(mark)
            self._end("ROLLBACK TO job")
            raise
        self._end(None)
        return result

    def _end(self, first: str | None) -> None:
        if not self._in_savepoint:
            return
        self._in_savepoint = False
        # A full disk may have ended the whole transaction by itself, savepoints and all.
        if driver_of(self._connection).in_transaction:
            if first is not None:
                self._connection.exec_driver_sql(first)
            self._connection.exec_driver_sql("RELEASE job")


def inserted_id(result: CursorResult[Any]) -> int:
    """Return the number that the row just inserted was given."""
    row = result.inserted_primary_key
    if row is None:
        raise AssertionError("an insert without a primary key")
    return int(row[0])

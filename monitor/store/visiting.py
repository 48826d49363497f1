"""How a command writes a few rows beside the daemon, or while none runs: an ack, a silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from monitor.model import Clock
from monitor.store import instance, observations, readings
from monitor.store.connecting import BUSY_SECONDS, writer_engine
from monitor.store.faults import explained
from monitor.store.inspecting import check_fit
from monitor.store.ledger import Ledger
from monitor.store.remembering import remember
from monitor.store.transaction import Transaction

T = TypeVar("T")


def visit(path: Path, job: Callable[[Ledger], T], *, clock: Clock, busy_seconds: float = BUSY_SECONDS) -> T:
    """Run one job in a transaction of its own, and return its result once that is committed.

    A running daemon learns of it (`Store.foreign_changes`). What is remembered beside the file is left alone:
    only the daemon writes that.

    Raises:
        StoreError: there is no database, it is of another form, or it refuses.

    """
    path = path.resolve()
    check_fit(path)
    engine = writer_engine(path, busy_seconds=busy_seconds)
    try:
        with explained(path), engine.connect() as connection, connection.begin():
            memory = remember(connection)
            result = job(Ledger(Transaction(connection, memory), clock))
            readings.write(connection, memory)
            observations.write(connection, memory)
            instance.visit(connection)
        return result
    finally:
        engine.dispose()

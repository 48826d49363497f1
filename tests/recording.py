"""A daemon that only records, to be killed again and again: `python -m tests.recording DATABASE`.

Each line of the input forks a run, for imports would cost more than all the rest. It prints its process id,
then a line `kept` for every look that was acknowledged, and `gone` once it has been killed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from monitor.clock import SystemClock
from monitor.model import Event, EventKind
from monitor.store import Ledger, Store
from tests.looking import NAME, look

AT_ONCE = 4


def record(ledger: Ledger) -> None:
    """Write a look, and an event that must not be there without it."""
    now = SystemClock().now()
    ledger.add_events([Event(kind=EventKind.OPENED, target=NAME, at=now)])
    ledger.observe(look(when=now))


async def record_for_ever(database: Path) -> None:
    """Record looks, several at once, and tell of each that is on the disk."""
    store = Store.open(database, clock=SystemClock())

    async def one_after_the_other() -> None:
        while True:
            await store.writer.submit(record)
            os.write(1, b"kept\n")

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


def main() -> None:
    """Fork a run for every line."""
    while sys.stdin.readline():
        child = os.fork()
        if not child:
            os.write(1, b"%d\n" % os.getpid())
            asyncio.run(record_for_ever(Path(sys.argv[1])))
        os.wait()
        os.write(1, b"gone\n")


if __name__ == "__main__":
    main()

"""The first process of a virtual machine whose power is cut: it records for ever, and says what is kept.

Everything goes through the real store. What it finds at the start is one line of JSON after `found `; each
line of `kept ` after that is an acknowledgement: a look, a message that was queued, a message that was marked
delivered. It gets the device of the disk as its only argument.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from monitor.clock import SystemClock
from monitor.model import (
    CheckName,
    Event,
    EventKind,
    Got,
    Notification,
    Observation,
    Reading,
    Release,
    Severity,
    Side,
    TellReason,
)
from monitor.store import Delivery, Ledger, Store
from tests.telling import firing

DATABASE = Path("/data/tagdrift.db")
BEGUN_AT = datetime(2024, 1, 1, tzinfo=UTC)
SAYS = Reading(releases=(Release(tag="20241008", version="20241008"),))
AT_ONCE = 4
FILE_SYSTEMS = (("proc", "proc", "/proc"), ("devtmpfs", "dev", "/dev"), ("tmpfs", "tmpfs", "/var/tmp"))
KINDS = ("look", "queued", "delivered")


def main() -> None:
    """Become the system, say what there is, and record until the power is cut."""
    for kind, device, folder in (*FILE_SYSTEMS, ("ext4", sys.argv[1], "/data")):
        mount(kind, device, folder)
    store = Store.open(DATABASE, clock=SystemClock())
    there = found()
    print("found", json.dumps(there), flush=True)
    asyncio.run(Recorder(store, {kind: there[kind]["last"] for kind in KINDS}).record_for_ever())


def mount(kind: str, device: str, folder: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(device.encode(), folder.encode(), kind.encode(), 0, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)


def found() -> dict[str, dict[str, object]]:
    """Return the highest number of each kind that is in the file, and which below it are missing."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        looks = [row[0] for row in connection.execute("SELECT at_us FROM observation_log")]
        events = [row[0] for row in connection.execute("SELECT at FROM events")]
        rows = connection.execute("SELECT title, state FROM deliveries").fetchall()
        (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    return {
        "look": numbered(map(number_of, looks)),
        "event": numbered(map(number_of, events)),
        "queued": numbered(int(title) for title, _ in rows),
        "delivered": numbered(int(title) for title, state in rows if state == "delivered"),
        "integrity": {"says": integrity},
    }


def number_of(at_us: int) -> int:
    return (at_us - int(BEGUN_AT.timestamp()) * 1_000_000) // 1_000_000


def numbered(numbers: Iterable[int]) -> dict[str, object]:
    there = set(numbers)
    last = max(there, default=0)
    return {"last": last, "missing": sorted(set(range(1, last + 1)) - there)}


class Recorder:
    """Counts on from what was there."""

    def __init__(self, store: Store, last: dict[str, int]) -> None:
        self._store = store
        self._last = last

    async def record_for_ever(self) -> None:
        await asyncio.gather(self._messages(), *(self._looks() for _ in range(AT_ONCE)))

    async def _looks(self) -> None:
        while True:
            self._last["look"] += 1
            number = self._last["look"]
            at = BEGUN_AT + timedelta(seconds=number)
            look = Observation(target="t", side=Side.METADATA, at=at, outcome=SAYS, got=Got())
            event = Event(kind=EventKind.OPENED, target="t", at=at)

            def job(ledger: Ledger, look: Observation = look, event: Event = event) -> None:
                ledger.add_events([event])
                ledger.observe(look)

            await self._store.writer.submit(job)
            kept("look", number)

    async def _messages(self) -> None:
        """Queue, claim and mark as the notifier does."""
        while True:
            number = self._last["queued"] = self._last["queued"] + 1

            def queue(ledger: Ledger, number: int = number) -> None:
                ledger.save_alerts([firing(id=number)])
                ledger.queue([message(number)])

            await self._store.writer.submit(queue)
            kept("queued", number)
            for row in await self._store.writer.submit(claimed):
                await self._store.writer.submit(partial(delivered, row.id))
                kept("delivered", int(row.notification.title))


def claimed(ledger: Ledger) -> Sequence[Delivery]:
    ledger.requeue_sending()
    return ledger.claim(datetime.now(UTC), ["ops"])


def delivered(row_id: int, ledger: Ledger) -> None:
    ledger.mark_delivered([row_id], datetime.now(UTC))


def message(number: int) -> Notification:
    alert = firing(id=number)
    return Notification(
        alert_id=number,
        target=alert.target,
        check=CheckName.BEHIND,
        receiver="ops",
        reason=TellReason.FIRST,
        severity=Severity.WARNING,
        at=BEGUN_AT,
        title=str(number),
        body="since 15:40",
    )


def kept(kind: str, number: int) -> None:
    print("kept", kind, number, flush=True)


if __name__ == "__main__":
    main()

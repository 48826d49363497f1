"""One round and out: for a cron job, or to see that a configuration works."""

from __future__ import annotations

import logging
import os

from monitor.clock import SystemClock
from monitor.config import Config, fingerprint, recorded
from monitor.model import Clock
from monitor.service.counting import counted
from monitor.service.moving import move_in
from monitor.service.rooms import Rooms, open_rooms

log = logging.getLogger(__name__)
# Second looks, and looks at releases for a version that is new: what one round asks for by itself.
MOST_TICKS = 10


async def run_once(config: Config, clock: Clock | None = None) -> None:
    """Look at every side once, record it, and send what is due.

    Raises:
        StoreError: the database is not to be used.

    """
    clock = clock or SystemClock()
    async with open_rooms(config, clock) as rooms:
        now = clock.now()
        begun = await rooms.store.writer.submit(
            lambda ledger: ledger.begin_run(
                now, pid=os.getpid(), policy=fingerprint(config), policy_body=recorded(config)
            )
        )
        await rooms.notifier.start()
        await move_in(rooms.house, now, begun.down_from_at)
        await _round(rooms, clock)
        ended_at = clock.now()
        await rooms.store.writer.submit(lambda ledger: ledger.end_run(begun.id, ended_at))


async def _round(rooms: Rooms, clock: Clock) -> None:
    for _ in range(MOST_TICKS):
        rooms.house.tick(clock.now())
        await rooms.house.settle()
        next_at = rooms.house.next_at
        if rooms.house.has_looked() and (next_at is None or next_at > clock.now()):
            break
    await rooms.notifier.drain(clock.now())
    await rooms.notifier.settle()
    log.info("one round is done: %s", counted(len(rooms.house.watches), "target"))

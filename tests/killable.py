"""A daemon that only delivers, to be killed again and again: `python -m tests.killable DATABASE PORT`.

Each line of the input is the number of a run, and how many alerts go out one by one. The run is forked, for
imports would cost more than all the rest. The answer is its process id and, once it and every process that it
has left behind are gone, a second line.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from pathlib import Path

from monitor.clock import SystemClock
from monitor.notifier import Notifier, Pace
from monitor.store import Store

PR_SET_CHILD_SUBREAPER = 36


async def deliver_all(database: Path, port: str, run: str, group_over: str) -> None:
    """Drain the outbox until nothing is left in it; messages say in which run they were sent."""
    clock = SystemClock()
    store = Store.open(database, clock=clock)
    pace = Pace(group_over=int(group_over))
    notifier = Notifier(store, {"ops": f"json://127.0.0.1:{port}/ops?-run={run}"}, clock, pace)
    await notifier.start()
    while not all(row.state == "delivered" for row in store.reader.deliveries()):
        await notifier.drain(clock.now())
        await asyncio.sleep(0.01)
    store.close()


def main() -> None:
    """Fork a run for every line."""
    # Those whose parent was killed become ours, so that we see the last of them go.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    database, port = Path(sys.argv[1]), sys.argv[2]
    while run := sys.stdin.readline().strip():
        child = os.fork()
        if not child:
            asyncio.run(deliver_all(database, port, *run.split()))
            os._exit(0)
        print(child, flush=True)
        try:
            while True:
                os.wait()
        except ChildProcessError:
            print("gone", flush=True)


if __name__ == "__main__":
    main()

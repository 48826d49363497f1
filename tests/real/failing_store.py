"""A store on a disk that fails: `python -m tests.real.failing_store`, with failing_disk.c preloaded.

Each line of the input names a run: the folder, whether its database is there already, which call fails, at
which count, and how the run ends. It is forked, for imports would cost more than all the rest, and answers
with a line of JSON; with an empty one where it died of something that has no sentence.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

from monitor.clock import SystemClock
from monitor.errors import StoreError
from monitor.store import Store
from tests.recording import record

LOOKS, BEFORE = 12, 3


async def looks(store: Store, said: list[str], most: int) -> int:
    """Record looks one after the other; return how many were acknowledged."""
    kept = 0
    for _ in range(most):
        try:
            await store.writer.submit(record)
            kept += 1
        except StoreError as error:
            said.append(str(error))
    return kept


def opened(database: Path, said: list[str]) -> Store:
    """Open it as a service is started again where it could not be."""
    while True:
        try:
            return Store.open(database, clock=SystemClock())
        except StoreError as error:
            said.append(str(error))
            if len(said) > 3:
                raise


def run(folder: str, begins: str, call: str, at: str, ends: str) -> dict[str, Any]:
    """Record on a disk whose call number `at` fails; return what was acknowledged, and what was said."""
    database, said, before = Path(folder) / "tagdrift.db", list[str](), 0
    # A look takes several writes, and one sync.
    most = LOOKS if call == "write" else int(at) + LOOKS
    if begins == "known":
        store = opened(database, said)
        before = asyncio.run(looks(store, said, BEFORE))
        store.close()
    disk = ctypes.CDLL(None)
    disk.failing_disk_arm(folder.encode(), call.encode(), ctypes.c_long(int(at)), errno.EIO)
    store = opened(database, said)
    kept = before + asyncio.run(looks(store, said, most))
    if ends == "stopped":
        store.close()
    return {"kept": kept, "tried": before + most, "said": said, "calls": disk.failing_disk_counted()}


def main() -> None:
    """Fork a run for every line."""
    for line in sys.stdin:
        reading, writing = os.pipe()
        if not os.fork():
            try:
                os.write(writing, json.dumps(run(*line.split())).encode())
            finally:
                # As if killed: nothing is closed on the way out.
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            print(answer.read(), flush=True)
        os.wait()


if __name__ == "__main__":
    main()

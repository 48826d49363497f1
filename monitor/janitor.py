"""Retention: single observations are kept for a while, readings, releases and alerts for ever."""

from __future__ import annotations

from datetime import datetime

from monitor.store import Store

# Small enough that no look waits long behind a batch.
BATCH = 2000


async def prune(store: Store, before: datetime) -> int:
    """Delete the observations from before this instant, batch by batch; returns how many went.

    What was cached and is not asked for any more goes too.

    Raises:
        StoreError: the database refuses; what is left goes the next time.

    """
    pruned = 0
    while True:
        gone = await store.writer.submit(lambda ledger: ledger.prune(before, BATCH))
        pruned += gone
        if gone < BATCH:
            break
    await store.cache.sweep()
    return pruned

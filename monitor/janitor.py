"""Retention: single observations are kept for a while, readings, releases and alerts for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.store import Store

# Small enough that no look waits long behind a batch.
BATCH = 2000
# A clock that leaps into the next century must not take the whole history along.
MOST_AT_ONCE = timedelta(days=2)


async def prune(store: Store, before: datetime) -> int:
    """Delete the observations from before this instant, batch by batch; returns how many went.

    The oldest two days go at most, the rest the next times. What was cached and is not asked for any more
    goes too.

    Raises:
        StoreError: the database refuses; what is left goes the next time.

    """
    oldest_at = store.reader.oldest_observation_at()
    until = before if oldest_at is None else min(before, oldest_at + MOST_AT_ONCE)
    pruned, gone = 0, BATCH
    while gone == BATCH:
        gone = await store.writer.submit(lambda ledger: ledger.prune(until, BATCH))
        pruned += gone
    await store.cache.sweep()
    return pruned

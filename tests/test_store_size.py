"""What a look costs on the disk, and what nobody has to read to know how everything stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bench.store import START, begin, fill, look
from monitor.store import Store
from tests.conftest import ManualClock
from tests.looking import rows

LOOKS = 50_000


def test_a_look_takes_at_most_40_bytes_and_no_index(database: Path, clock: ManualClock) -> None:
    store = Store.open(database, clock=clock)

    async def record() -> None:
        await store.writer.submit(begin)
        await store.writer.submit(lambda ledger: ledger.touch(look(0, START.replace(year=2025))))

    asyncio.run(record())
    store.close()
    ours = rows(database, "SELECT * FROM observations WHERE how & 32")
    assert fill(database, LOOKS) <= 40
    theirs = rows(database, "SELECT * FROM observations WHERE how & 32 ORDER BY at DESC LIMIT 1")
    assert [type(value) for value in ours[0][1:-1]] == [type(value) for value in theirs[0][1:-1]]
    assert (
        rows(database, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'observations'")
        == []
    )


def test_how_everything_stands_is_told_without_reading_a_single_look(store: Store) -> None:
    plan = [row[3] for row in rows(store.path, "EXPLAIN QUERY PLAN SELECT * FROM current")]
    assert plan
    assert not any("observations" in step for step in plan)
    assert [
        step for step in plan if step.startswith("SCAN") and "states" not in step and "targets" not in step
    ] == []

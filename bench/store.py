"""What the history costs: `python -m bench.store [ROWS] [--folder FOLDER]`.

The database is the real one, filled with ROWS observations (10 million unless told otherwise) of 1,000
targets. Then are measured: bytes a row, how long the state of all targets takes with that history behind it,
and what an unchanged look costs, each beside a bare `sqlite3` that writes the same rows with the same promise
(WAL, synchronous=FULL). Printed are medians, and ratios of runs that took turns.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from monitor.clock import SystemClock
from monitor.model import Got, Observation, Reading, Release, SeenRelease, Side, SideState, TargetState
from monitor.store import Ledger, Shown, Store

TARGETS = 1_000
RELEASES = 20
ROWS = 10_000_000
ROUNDS = 15
BATCH = 200
START = datetime(2024, 1, 1, tzinfo=UTC)
GOT = Got(status=304, latency_for=timedelta(milliseconds=187), received=312, unchanged=True)
READING = Reading(
    releases=tuple(Release(tag=f"2024{n:04d}", version=f"2024{n:04d}") for n in range(RELEASES))
)
INSERT = "INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def look(number: int, at: datetime) -> Observation:
    """Return an unchanged look at one of the targets."""
    target, side = f"target-{number // 2 % TARGETS}", Side.RELEASES if number % 2 else Side.METADATA
    return Observation(target=target, side=side, at=at, outcome=READING, got=GOT)


def begin(ledger: Ledger) -> None:
    """Record the first look at each side of each target."""
    for number in range(2 * TARGETS):
        ledger.observe(look(number, START + timedelta(milliseconds=number)))
    for number in range(TARGETS):
        side = SideState(looked_at=START, first_good_at=START, good_at=START, complete_at=START)
        state = TargetState(
            target=f"target-{number}",
            metadata=side,
            releases_side=side,
            releases={
                release.tag: SeenRelease(tag=release.tag, version=release.version, first_seen_at=START)
                for release in READING.releases
            },
        )
        ledger.save(state, None, shown=Shown(state="in step", named="20240019", newest="20240019"))


def rows(count: int, first: int) -> Iterator[tuple[int | None, ...]]:
    """Yield rows as the ledger writes them: 1,000 targets, both sides, every five minutes."""
    for number in range(count):
        pair = number % (2 * TARGETS)
        at = first + number * 150_000 + number % 997
        yield (at, pair // 2 + 1, pair % 2 | 1 << 5, 304, 100 + number % 400, 312, pair + 1, number % 300)


def fill(path: Path, count: int) -> float:
    """Write the history behind; returns the bytes that a row has taken."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        before = bytes_of(connection)
        (last,) = connection.execute("SELECT max(at) FROM observations").fetchone()
        connection.executemany(INSERT, rows(count, last + 1_000_000))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (bytes_of(connection) - before) / count


def bytes_of(connection: sqlite3.Connection) -> int:
    """Return what the pages of the database come to."""
    (pages,), (size,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
    )
    return int(pages * size)


def bare(path: Path) -> sqlite3.Connection:
    """Open a table of the same rows in a database of its own, with the same promise."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE observations (at INTEGER PRIMARY KEY, target_id, how, status, latency_ms, received,"
        " reading_id, age)"
    )
    return connection


@dataclass
class Cost:
    """Seconds of wall and of CPU for one look."""

    wall: float
    cpu: float


def cost_of(work: Callable[[], object], looks: int) -> Cost:
    """Run the work once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost((time.perf_counter() - wall) / looks, (time.process_time() - cpu) / looks)


@dataclass
class Bench:
    """A store with its history, a bare database, and the looks that both write."""

    store: Store
    beside: sqlite3.Connection
    runner: asyncio.Runner
    at: datetime
    written: int = 0

    def looks(self, count: int) -> list[Observation]:
        """Return the next looks."""
        first, self.written = self.written, self.written + count
        return [look(n, self.at + timedelta(milliseconds=n)) for n in range(first, first + count)]

    def ours(self, looks: list[Observation], together: int) -> None:
        """Record them through the writer, this many at once."""

        async def record() -> None:
            for place in range(0, len(looks), together):
                some = looks[place : place + together]
                await asyncio.gather(
                    *(self.store.writer.submit(lambda ledger, one=one: ledger.touch(one)) for one in some)
                )

        self.runner.run(record())

    def theirs(self, looks: list[Observation], together: int) -> None:
        """Write the same rows with bare sqlite3."""
        us = [int(one.at.timestamp() * 1_000_000) for one in looks]
        values = [(at, 1, 33, 304, 187, 312, 1, None) for at in us]
        for place in range(0, len(values), together):
            self.beside.execute("BEGIN IMMEDIATE")
            self.beside.executemany(INSERT, values[place : place + together])
            self.beside.execute("COMMIT")

    def compare(self, together: int, commits: int) -> tuple[Cost, Cost]:
        """Return the medians of both, which take turns."""
        ours, theirs = [], []
        for _ in range(ROUNDS):
            looks = self.looks(together * commits)
            ours.append(cost_of(lambda looks=looks: self.ours(looks, together), len(looks)))
            theirs.append(cost_of(lambda looks=looks: self.theirs(looks, together), len(looks)))
        return middle(ours), middle(theirs)


def middle(costs: list[Cost]) -> Cost:
    return Cost(median(cost.wall for cost in costs), median(cost.cpu for cost in costs))


def beside(ours: Cost, theirs: Cost) -> str:
    """Return ours, and how many times theirs it is."""
    wall = f"{ours.wall * 1e6:8.0f} us a look, {ours.wall / theirs.wall:.2f} times bare sqlite3"
    return f"{wall}; CPU {ours.cpu * 1e6:.0f} us, {ours.cpu / theirs.cpu:.2f} times"


def timed(work: Callable[[], object]) -> float:
    """Return the median of the milliseconds that it takes."""
    return 1000 * median(cost_of(work, 1).wall for _ in range(ROUNDS))


def bytes_written() -> int:
    """Return what this process has handed to the disk so far."""
    for line in Path("/proc/self/io").read_text().splitlines():
        name, value = line.split(": ")
        if name == "write_bytes":
            return int(value)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, help="where the database is made and removed again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder, asyncio.Runner() as runner:
        measure(Path(folder), given.rows, runner)


def measure(folder: Path, count: int, runner: asyncio.Runner) -> None:
    path, clock = folder / "tagdrift.db", SystemClock()
    store = Store.open(path, clock=clock)
    runner.run(submitted(store, begin))
    store.close()
    began = time.perf_counter()
    bytes_a_row = fill(path, count)
    print(f"{count:,} rows behind, written in {time.perf_counter() - began:.0f} s")
    print(f"bytes a row               {bytes_a_row:8.1f}")
    store = Store.open(path, clock=clock)
    print(
        f"states of {TARGETS:,} targets   {timed(store.reader.states):8.1f} ms, with {RELEASES} releases each"
    )
    print(f"current, as values        {timed(store.reader.current):8.1f} ms")
    with closing(sqlite3.connect(path)) as connection:
        view = timed(lambda: connection.execute("SELECT * FROM current").fetchall())
    print(f"current, the view         {view:8.1f} ms")
    bench = Bench(store, bare(folder / "bare.db"), runner, datetime.now(UTC))
    for together, commits in ((1, 100), (BATCH, 5)):
        before = bytes_written()
        ours, theirs = bench.compare(together, commits)
        per_look = (bytes_written() - before) / (ROUNDS * together * commits)
        print(
            f"{together:4} looks a commit       {beside(ours, theirs)}; {per_look:,.0f} bytes written by both"
        )
    bench.beside.close()
    store.close()


async def submitted(store: Store, job: Callable[[Ledger], None]) -> None:
    await store.writer.submit(job)


if __name__ == "__main__":
    main()

"""What a round costs: `python -m bench.round [ROUNDS] [--targets N]`.

A full round of unchanged looks at both sides of a thousand targets, with everything that `run` does of it
(fetcher, poller, detector, store), beside a bare aiohttp loop that makes the same conditional requests of the
same loopback server and keeps nothing. Both are processes of their own and take turns; printed are medians,
and the median of the ratios of the rounds that took turns. `nvchecker` comes third where it is installed: it
has no daemon, so that its round is a whole run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from monitor.clock import SystemClock

TARGETS = 1_000
ROUNDS = 9
WARM_UP = 3
AT_ONCE = 10
LEAP = timedelta(minutes=6)
SPAWNED = multiprocessing.get_context("spawn")
BODIES = {
    "metadata": b'{"tag": "20241016"}',
    "releases": b'{"releases": [{"tag": "20241016", "at": "2024-10-16T15:40:00Z"}, {"tag": "20241008"}]}',
}
TABLE = """[targets.t{n}]
metadata = {{ kind = "json", url = "http://127.0.0.1:{port}/metadata/{n}", path = "$.tag" }}
releases = {{ kind = "json", url = "http://127.0.0.1:{port}/releases/{n}", path = "$.releases[*].tag" }}
"""
NVCHECKER = """["{side}-{n}"]
source = "regex"
url = "http://127.0.0.1:{port}/{side}/{n}"
regex = '"tag": "(.*?)"'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round took: seconds of CPU and of wall, and megabytes resident after it."""

    cpu: float
    wall: float
    megabytes: float
    received: int = 0


# --- the site that all of them ask ---------------------------------------------------------------


def serve(line: Connection) -> None:
    """Answer every path with one document that never changes, and `/sent` with what was sent so far."""
    sent = {"200": 0, "304": 0, "bytes": 0}

    def answer(head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode()
        if path == "/sent":
            body = json.dumps(sent).encode()
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        status = "304" if b'if-none-match: "1"' in head.lower() else "200"
        body = BODIES[path.split("/")[1]]
        common = b'ETag: "1"\r\nAge: 3\r\nDate: Wed, 16 Oct 2024 22:00:00 GMT\r\n'
        whole = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (common, len(body), body)
        given = whole if status == "200" else b"HTTP/1.1 304 Not Modified\r\n" + common + b"\r\n"
        sent[status] += 1
        sent["bytes"] += len(given)
        return given

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(answer(await reader.readuntil(b"\r\n\r\n")))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def listen() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(listen())


def sent_by(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sent") as answer:
        counts: dict[str, int] = json.load(answer)
        return counts


# --- the two that take turns ---------------------------------------------------------------------


def measured(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[Round]]:
    async def once() -> Round:
        wall, cpu = time.perf_counter(), time.process_time()
        await work()
        return Round(
            cpu=time.process_time() - cpu, wall=time.perf_counter() - wall, megabytes=resident_megabytes()
        )

    return once


def resident_megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


async def on_demand(line: Connection, once: Callable[[], Awaitable[Round]]) -> None:
    """Make a round whenever the other end asks for one; its last word is None."""
    while await asyncio.to_thread(line.recv):
        line.send(await once())


class LeapingClock(SystemClock):
    """The machine's clock, with minutes skipped."""

    def __init__(self) -> None:
        self._leapt_for = timedelta(0)

    def leap(self) -> None:
        self._leapt_for += LEAP

    def now(self) -> datetime:
        return super().now() + self._leapt_for

    def monotonic(self) -> float:
        return super().monotonic() + self._leapt_for.total_seconds()


def ours(line: Connection, folder: Path) -> None:
    """Make rounds as `run` does, on a clock that leaps from one round to the next."""
    from monitor import config
    from monitor.service.moving import move_in
    from monitor.service.rooms import open_rooms

    async def work() -> None:
        clock = LeapingClock()
        async with open_rooms(config.load(folder / "config.toml", {}), clock) as rooms:
            house = rooms.house
            await move_in(house, clock.now(), None)
            gc.collect()
            gc.freeze()

            async def one_round() -> None:
                clock.leap()
                while (next_at := house.next_at) is not None and next_at <= clock.now():
                    house.tick(clock.now())
                    await house.settle()

            await on_demand(line, measured(one_round))

    asyncio.run(work())


def bare(line: Connection, port: int, targets: int) -> None:
    """Make the same requests with nothing but aiohttp."""
    import aiohttp

    urls = [f"http://127.0.0.1:{port}/{side}/{n}" for n in range(targets) for side in BODIES]

    async def ask(session: aiohttp.ClientSession, some: Iterator[str]) -> None:
        for url in some:
            async with session.get(url, headers={"If-None-Match": '"1"'}) as response:
                await response.read()

    async def work() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

            async def one_round() -> None:
                some = iter(urls)
                await asyncio.gather(*(ask(session, some) for _ in range(AT_ONCE)))

            await on_demand(line, measured(one_round))

    asyncio.run(work())


# --- the third, if there is one ------------------------------------------------------------------


def nvchecker(command: str, file: Path, port: int) -> Round:
    """Run it once, over the same addresses."""
    before, sent, wall = resource.getrusage(resource.RUSAGE_CHILDREN), sent_by(port), time.perf_counter()
    subprocess.run([command, "-c", str(file), "-l", "error"], check=True, capture_output=True)
    took, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    received = sent_by(port)["bytes"] - sent["bytes"]
    return Round(cpu=cpu, wall=took, megabytes=after.ru_maxrss / 1024, received=received)


# --- in turn -------------------------------------------------------------------------------------


@contextmanager
def process(work: Callable[..., None], *given: Any) -> Iterator[Connection]:
    """Run this in a process of its own; yields the line to it."""
    here, there = SPAWNED.Pipe()
    child = SPAWNED.Process(target=work, args=(there, *given), daemon=True)
    child.start()
    try:
        yield here
    finally:
        child.kill()
        child.join()


def one_of(line: Connection, port: int, targets: int, *, is_first: bool) -> Round:
    """Have one round made; every look of it but the first's is answered 304."""
    before = sent_by(port)
    line.send(True)  # noqa: FBT003  (anything that is not None)
    round_ = line.recv()
    after = sent_by(port)
    unchanged = after["304"] - before["304"]
    assert is_first or unchanged == 2 * targets, f"{unchanged} of {2 * targets} looks were unchanged"
    return Round(
        cpu=round_.cpu,
        wall=round_.wall,
        megabytes=round_.megabytes,
        received=after["bytes"] - before["bytes"],
    )


def compare(folder: Path, rounds: int, targets: int) -> dict[str, list[Round]]:
    """Return the rounds of each that were measured."""
    with process(serve) as site:
        port = site.recv()
        tables = "".join(TABLE.format(n=n, port=port) for n in range(targets))
        database = f'[daemon]\ndatabase = "{folder}/tagdrift.db"\nlisten = ""\njitter = 0\n'
        (folder / "config.toml").write_text(database + tables)
        done: dict[str, list[Round]] = {"tagdrift": [], "aiohttp": []}
        with process(ours, folder) as first, process(bare, port, targets) as second:
            for number in range(WARM_UP + rounds):
                for name, line in (("tagdrift", first), ("aiohttp", second)):
                    done[name].append(one_of(line, port, targets, is_first=number == 0))
        done = {name: each[WARM_UP:] for name, each in done.items()}
        command = shutil.which("nvchecker")
        if command is not None:
            file = folder / "nvchecker.toml"
            entries = (NVCHECKER.format(side=side, n=n, port=port) for n in range(targets) for side in BODIES)
            file.write_text(f"[__config__]\nmax_concurrency = {AT_ONCE}\n" + "".join(entries))
            done["nvchecker"] = [nvchecker(command, file, port) for _ in range(3)]
        return done


ROWS: tuple[tuple[str, Callable[[Round], float]], ...] = (
    ("CPU, s", lambda one: one.cpu),
    ("wall, s", lambda one: one.wall),
    ("received, kB", lambda one: one.received / 1000),
    ("resident, MB", lambda one: one.megabytes),
)


def show(done: dict[str, list[Round]], looks: int) -> None:
    """Print medians of each, and of the ratios to the bare loop."""
    print(f"{'median of a round':20}" + "".join(f"{name:>12}{'ratio':>7}" for name in done))
    for title, value in ROWS:
        cells = ""
        for each in done.values():
            ratio = median(
                value(one) / value(beside) for one, beside in zip(each, done["aiohttp"], strict=False)
            )
            cells += f"{median(map(value, each)):12.2f}{ratio:7.2f}"
        print(f"{title:20}{cells}")
    cpu = {name: median(one.cpu for one in each) / looks * 1e6 for name, each in done.items()}
    print("CPU a look, us      " + "".join(f"{each:12.0f}{'':7}" for each in cpu.values()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    parser.add_argument("--targets", type=int, default=TARGETS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = compare(Path(folder), given.rounds, given.targets)
    print(f"{given.targets:,} targets, {2 * given.targets:,} looks a round, {os.cpu_count()} processors")
    show(done, 2 * given.targets)


if __name__ == "__main__":
    main()

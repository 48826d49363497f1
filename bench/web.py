"""Many readers while much is polled: `python -m bench.web [SECONDS]`.

A real daemon polls 500 targets every 30 s, first with nobody looking, then with 200 readers who each ask for
the overview once a second. Printed is how late polls get, and how long readers wait.
Readers are in a process of their own, on the same machine.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import aiohttp

from bench.start import TABLE, heard, site

TARGETS, READERS = 500, 200
INTERVAL = 30.0
SECONDS = 75.0


def configuration(folder: Path, site_port: int, port: int) -> Path:
    sides = (("metadata", "$.tag"), ("releases", "$.tags[*]"))
    tables = [
        f'[targets.t{number}]\ninterval = "{INTERVAL:.0f}s"\nlabels = {{ team = "t{number % 7}" }}\n'
        + "".join(TABLE.format(number=number, side=side, port=site_port, path=path) for side, path in sides)
        for number in range(TARGETS)
    ]
    file = folder / "config.toml"
    daemon = f'[daemon]\ndatabase = "{folder}/tagdrift.db"\nlisten = "127.0.0.1:{port}"\njitter = 0.0\n'
    file.write_text(daemon + "".join(tables))
    return file


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lateness(database: Path, from_us: int) -> list[float]:
    """Return by how much each gap between two looks at a side was longer than it should be, in seconds."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT target, side, at_us FROM observation_log WHERE at_us >= ? ORDER BY at_us", (from_us,)
        ).fetchall()
    last: dict[tuple[str, str], int] = {}
    late = []
    for target, side, at in rows:
        before = last.get((target, side))
        if before is not None:
            late.append(max((at - before) / 1e6 - INTERVAL, 0.0))
        last[target, side] = at
    return late


async def reading(port: int, seconds: float) -> list[float]:
    until = time.perf_counter() + seconds
    took: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def reader(number: int) -> None:
            await asyncio.sleep(number / READERS)
            while time.perf_counter() < until:
                begun = time.perf_counter()
                async with session.get(f"http://127.0.0.1:{port}/") as answer:
                    assert answer.status == 200
                    await answer.read()
                took.append(time.perf_counter() - begun)
                await asyncio.sleep(max(1.0 - took[-1], 0.0))

        await asyncio.gather(*(reader(number) for number in range(READERS)))
    return took


def readers(port: int, seconds: float, results: multiprocessing.Queue[list[float]]) -> None:
    results.put(asyncio.run(reading(port, seconds)))


def at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as name, site() as site_port:
        folder, port = Path(name), free_port()
        config, address = configuration(folder, site_port, port), folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(address))
            manager.settimeout(0.5)
            environ = {**os.environ, "NOTIFY_SOCKET": str(address)}
            command = [
                sys.executable,
                "-m",
                "monitor",
                "run",
                "--log-level",
                "error",
                "--config",
                str(config),
            ]
            daemon = subprocess.Popen(command, env=environ)
            try:
                while b"READY=1" not in heard(manager):
                    assert daemon.poll() is None
                manager.close()
                measure(folder / "tagdrift.db", port, seconds)
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait(timeout=30)


def measure(database: Path, port: int, seconds: float) -> None:
    begun = time.time_ns() // 1000
    time.sleep(seconds)
    quiet = lateness(database, begun)
    results: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
    process = multiprocessing.Process(target=readers, args=(port, seconds, results))
    begun = time.time_ns() // 1000
    process.start()
    took = results.get()
    process.join()
    loaded = lateness(database, begun)
    print(f"{TARGETS} targets every {INTERVAL:.0f} s, {READERS} readers, {seconds:.0f} s each")
    for title, late in (("polls late, nobody looking", quiet), ("polls late, with readers", loaded)):
        print(f"{title:28} median {at(late, 0.5):6.3f} s  p99 {at(late, 0.99):6.3f} s  ({len(late)} looks)")
    print(f"{'overview':28} median {at(took, 0.5) * 1000:6.0f} ms p99 {at(took, 0.99) * 1000:6.0f} ms "
          f"({len(took)} pages)")  # fmt: skip


if __name__ == "__main__":
    main()

"""An error at any of the first fifty writes or syncs: what was acknowledged stays, the drift is told."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import SystemClock
from monitor.store import Store, care
from tests.real import failing_disk
from tests.real.running import ROOT, Running, running
from tests.real.troubled import (
    LIMIT,
    of_targets,
    waiting,
)
from tests.servers.site import Site

AT_MOST = 50
COUNTED = "a library before the C library lets the n-th of them give EIO (n = 1 to 50), once"
KEPT = (
    "what was acknowledged is there when it is opened again, and nothing else; the database is whole; "
    "the daemon goes on or ends with a sentence, and after a restart tells the drift"
)
CALLS = {"write": "EIO on the n-th write", "sync": "EIO on the n-th fsync"}


def failing(call: str) -> Any:
    return pytest.param(call, id=call, marks=pytest.mark.fault(CALLS[call], how=COUNTED, promise=KEPT))


@contextmanager
def failing_stores(library: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Give what runs a store on a failing disk in a process of its own, and returns what came of it."""
    command = [sys.executable, "-m", "tests.real.failing_store"]
    environ = os.environ | {"LD_PRELOAD": str(library)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def run(*words: object) -> dict[str, Any]:
            print(*words, file=process.stdin, flush=True)
            answer = process.stdout.readline().strip()  # type: ignore[union-attr]
            assert answer, f"died without a sentence: {words}"
            return dict(json.loads(answer))

        yield run
        process.stdin.close()


def try_all(folder: Path, call: str, begins: str, ends: str) -> str:
    """Let each of the first fifty calls fail; return how often it had an effect."""
    refused = 0
    with failing_stores(failing_disk.library(folder)) as run:
        for at in range(1, AT_MOST + 1):
            place = folder / str(at)
            place.mkdir()
            came = run(place, begins, call, at, ends)
            assert came["calls"] >= at, "so many calls were not made"
            refused += bool(came["said"])
            store = Store.open(place / "tagdrift.db", clock=SystemClock())
            looks = sum(reading.seen for reading in store.reader.history("python-build-standalone"))
            store.close()
            assert came["kept"] <= looks <= came["tried"], came
            assert care.check(place / "tagdrift.db") == ()
            shutil.rmtree(place)
    return f"{refused} of {AT_MOST} {call}s refused a commit, the others healed by themselves"


@pytest.mark.real
@pytest.mark.parametrize("call", [failing(call) for call in CALLS])
def test_a_store_keeps_what_it_acknowledged_whichever_call_fails(
    quick_path: Path, call: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("times", AT_MOST)
    record_property("figure", try_all(quick_path, call, "known", "killed"))


@pytest.mark.campaign
@pytest.mark.parametrize("call", [failing(call) for call in CALLS])
@pytest.mark.parametrize(
    ("begins", "ends"), [("fresh", "stopped"), ("fresh", "killed"), ("known", "stopped")]
)
def test_a_store_that_is_made_or_closed_keeps_it_too(
    quick_path: Path,
    call: str,
    begins: str,
    ends: str,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("times", AT_MOST)
    record_property("figure", f"{begins}: {try_all(quick_path, call, begins, ends)}")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a daemon that has run, and saw its target in step."""
    folder = tmp_path_factory.mktemp("known")
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, run_for_a_while(folder)).result()
    return folder / "data"


async def run_for_a_while(folder: Path) -> None:
    site = await Site().open()
    async with running(folder, site) as daemon:
        daemon.publish("late", named="1.1.0")
        daemon.configure("late")
        await daemon.start(within=LIMIT)
        assert await daemon.end() == 0
    await site.close()


async def one_failure(folder: Path, data: Path, library: Path, call: str, at: int) -> int:
    """Start a daemon on a disk whose call fails, while a drift is to be told; return how often it ended."""
    shutil.copytree(data, folder / "data")
    site = await Site().open()
    environ = failing_disk.environment(library, folder / "data", call=call, at=at)
    async with running(folder, site, receivers=("chat",), environ=environ) as daemon:
        daemon.publish("late", named="1.0.0")
        daemon.configure("late")
        ended = await started(daemon)
        await daemon.until(lambda: all(counts for counts in of_targets(daemon).values()), "it is told", LIMIT)
        await daemon.until(lambda: not waiting(daemon), "and that is written down", LIMIT)
        assert await daemon.end() == 0, daemon.lines
        for counts in of_targets(daemon).values():
            assert counts.keys() == {("behind", "late")}
            assert counts.total() <= 1 + ended, (call, at, daemon.lines)
        assert daemon.sql('SELECT target, "check" FROM alert_history') == [("late", "behind")]
        assert care.check(daemon.database) == ()
    await site.close()
    return ended


async def started(daemon: Running) -> int:
    """Start it, and once more where it ends with a sentence, as systemd would; return how often it did."""
    await daemon.launch()
    assert daemon.process is not None
    process = daemon.process
    await daemon.until(
        lambda: process.returncode is not None or any("ready: " in line for line in daemon.lines),
        "it starts",
        LIMIT,
    )
    if process.returncode is None:
        return 0
    assert await daemon.gone() == 1
    assert daemon.lines[-1].startswith("tagdrift: "), daemon.lines
    assert not [line for line in daemon.lines if "Traceback" in line]
    daemon.environ = {}
    await daemon.start(within=LIMIT)
    return 1


async def daemons_fail(folder: Path, data: Path, call: str, counts: tuple[int, ...]) -> str:
    """Let a daemon meet each of these failures, a few of them at the same time."""
    library, ended = failing_disk.library(folder), 0
    for first in range(0, len(counts), 3):
        trials = (one_failure(folder / str(at), data, library, call, at) for at in counts[first : first + 3])
        ended += sum(await asyncio.gather(*trials))
    return f"of {len(counts)} daemons {ended} ended and were started again"


@pytest.mark.real
@pytest.mark.parametrize("call", [failing(call) for call in CALLS])
async def test_a_daemon_tells_the_drift_whichever_call_fails(
    tmp_path: Path, known: Path, call: str, record_property: Callable[[str, object], None]
) -> None:
    counts = {"write": (2, 9, 35), "sync": (1, 4, 7)}[call]
    record_property("times", len(counts))
    record_property("figure", await daemons_fail(tmp_path, known, call, counts))


@pytest.mark.campaign
@pytest.mark.parametrize("call", [failing(call) for call in CALLS])
async def test_a_daemon_tells_the_drift_whichever_of_fifty_calls_fails(
    tmp_path: Path, known: Path, call: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("times", AT_MOST)
    record_property("figure", await daemons_fail(tmp_path, known, call, tuple(range(1, AT_MOST + 1))))

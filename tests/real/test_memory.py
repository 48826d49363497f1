"""Memory that is limited: a huge answer costs nothing, and a daemon that has too little loses nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.running import Running, running
from tests.servers.hostile.bodies import bomb
from tests.servers.site import Answer, Site

Property = Callable[[str, object], None]
pytestmark = pytest.mark.real

MEGABYTE = 1 << 20
ENTER = 'echo $$ > "$0/cgroup.procs"; exec setpriv --pdeathsig KILL "$@"'
# Less than the imports need, and less than the threads of a daemon.
TOO_LITTLE = (20, 90)


@dataclass(frozen=True, slots=True)
class Cage:
    """A control group for a daemon and its children."""

    folder: Path
    limit: str
    usage: str

    @property
    def wrapper(self) -> tuple[str, ...]:
        return ("sh", "-c", ENTER, str(self.folder))

    def hold(self, megabytes: int) -> None:
        """Give it so much from now on; the kernel may refuse to take what cannot be taken."""
        (self.folder / self.limit).write_text(str(megabytes * MEGABYTE))

    def used(self) -> int:
        return int((self.folder / self.usage).read_text()) // MEGABYTE


@contextmanager
def caged(megabytes: int) -> Iterator[Cage]:
    cage = _cage(f"tagdrift-{os.getpid()}")
    cage.folder.mkdir()
    try:
        cage.hold(megabytes)
        yield cage
    finally:
        cage.folder.rmdir()


def _cage(name: str) -> Cage:
    old, new = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    if (old / "memory.limit_in_bytes").exists():
        return Cage(old / name, "memory.limit_in_bytes", "memory.usage_in_bytes")
    control = new / "cgroup.subtree_control"
    has_memory = control.exists() and "memory" in control.read_text()
    assert has_memory, "nothing can limit memory here: it takes root, and control groups with `memory`"
    return Cage(new / name, "memory.max", "memory.current")


@pytest.mark.fault(
    "memory is limited, and answers are huge",
    how="a control group of 160 MB for daemon and children; 1 GB in 1 MB of gzip, and 64 MB of spaces",
    promise="a Failure with a sentence; the daemon lives, and tells what another target drifts",
    group="Process",
)
async def test_a_huge_answer_costs_a_daemon_of_little_memory_nothing(tmp_path: Path, site: Site) -> None:
    with caged(160) as cage:
        async with running(tmp_path, site, wrapper=cage.wrapper) as daemon:
            daemon.publish("late", named="1.1.0")
            site.script("/huge.json", Answer(body=bomb(1024), headers={"Content-Encoding": "gzip"}))
            site.answer("/huge-releases.json", b" " * 64 * MEGABYTE)
            daemon.configure("late", "huge")
            await daemon.start()
            daemon.publish("late", named="1.0.0")
            await daemon.until(lambda: told(daemon), "the drift is told")
            looks = daemon.sql("SELECT DISTINCT side, outcome FROM observation_log WHERE target = 'huge'")
            assert sorted(looks) == [("metadata", "malformed"), ("releases", "malformed")]
            assert await daemon.end() == 0


@pytest.mark.fault(
    "memory runs out",
    how="the control group of a running daemon is left 1 MB more than it holds, and a drift begins",
    promise="whoever is killed, daemon or delivery, the drift is told once to each receiver",
    group="Process",
)
async def test_a_drift_is_told_though_the_memory_ran_out_as_it_began(
    tmp_path: Path, site: Site, record_property: Property
) -> None:
    with caged(1024) as cage:
        async with running(tmp_path, site, wrapper=cage.wrapper) as daemon:
            daemon.publish("late", named="1.1.0")
            daemon.configure("late")
            await daemon.start()
            cage.hold(cage.used() + 1)
            daemon.publish("late", named="1.0.0")
            await daemon.until(lambda: is_dead(daemon) or refused(daemon) or told(daemon), "what comes of it")
            cage.hold(1024)
            record_property("figure", "the daemon was killed" if is_dead(daemon) else "the daemon lived")
            if is_dead(daemon):
                assert await daemon.gone() != 0
                await daemon.start()
            await daemon.until(lambda: told(daemon), "the drift is told", within=120)
            assert await daemon.end() == 0
            assert all(times == 1 for name in daemon.receivers for times in daemon.counted(name).values())


@pytest.mark.fault(
    "memory is too little to live",
    how=f"RLIMIT_AS of {', '.join(map(str, TOO_LITTLE))} MB from the start, on a database with a history",
    promise="it ends by itself with a status that says so, and the next one with enough goes on where it was",
    group="Process",
)
async def test_one_that_cannot_live_ends_and_leaves_what_was_kept(tmp_path: Path, site: Site) -> None:
    async with running(tmp_path, site) as daemon:
        daemon.publish("late", named="1.1.0")
        daemon.configure("late")
        await daemon.start()
        assert await daemon.end() == 0
        looks = daemon.sql("SELECT at_us, target, side FROM observation_log")
        daemon.publish("late", named="1.0.0")
        enough = daemon.wrapper
        for megabytes in TOO_LITTLE:
            daemon.wrapper = (*enough, "prlimit", f"--as={megabytes * MEGABYTE}")
            await daemon.launch()
            assert await daemon.gone(120) > 0
            assert "Error" in "\n".join(daemon.lines)
        daemon.wrapper = enough
        await daemon.start()
        await daemon.until(lambda: told(daemon), "the drift is told")
        assert await daemon.end() == 0
        assert set(looks) <= set(daemon.sql("SELECT at_us, target, side FROM observation_log"))


def told(daemon: Running) -> bool:
    return all(daemon.told.values())


def is_dead(daemon: Running) -> bool:
    return daemon.process is not None and daemon.process.returncode is not None


def refused(daemon: Running) -> bool:
    return any("tried again at" in line for line in daemon.lines)

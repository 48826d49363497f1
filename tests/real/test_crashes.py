"""The daemon as a process: stopped, run twice, and short of descriptors."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.running import Running, running
from tests.servers.site import Site

LATER = "SIGSTOP for 5 s, in the campaign ten times for a minute; a drift begins meanwhile; SIGCONT"

Property = Callable[[str, object], None]


@pytest.mark.fault(
    "the daemon is stopped for a minute",
    how=LATER,
    promise="it goes on, and what began meanwhile is told once to each receiver",
    group="Process",
)
@pytest.mark.parametrize(
    ("seconds", "times"),
    [pytest.param(5, 1, marks=pytest.mark.real), pytest.param(60, 10, marks=pytest.mark.campaign)],
)
async def test_one_that_was_stopped_for_a_while_goes_on_and_tells_what_it_missed(
    quick_path: Path, site: Site, seconds: int, times: int, record_property: Property
) -> None:
    record_property("times", times)
    for number in range(times):
        folder = quick_path / str(number)
        folder.mkdir()
        async with running(folder, site) as daemon:
            await stopped_for(daemon, seconds)


async def stopped_for(daemon: Running, seconds: int) -> None:
    daemon.publish("late", named="1.1.0")
    daemon.configure("late")
    await daemon.start()
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGSTOP)
    daemon.publish("late", named="1.0.0")
    await asyncio.sleep(seconds)
    daemon.process.send_signal(signal.SIGCONT)
    await daemon.until(lambda: all(daemon.told.values()), "a message to each")
    assert await daemon.end() == 0
    assert {receiver: len(titles) for receiver, titles in daemon.told.items()} == {"chat": 1, "pager": 1}


@pytest.mark.real
@pytest.mark.fault(
    "two daemons on one database",
    how="a second one is started on the database of the first",
    promise="the second ends with a sentence that names the first, which goes on looking",
    group="Process",
)
async def test_the_second_of_two_on_one_database_refuses_and_the_first_goes_on(
    tmp_path: Path, site: Site
) -> None:
    async with running(tmp_path, site) as first, running(tmp_path, site) as second:
        for daemon in (first, second):
            daemon.publish("sound", named="1.1.0")
            daemon.configure("sound")
        await first.start()
        await second.launch()
        assert await second.gone() != 0
        assert f"process {first.pid}" in "\n".join(second.lines)
        (before,) = first.sql("SELECT count(*) FROM observation_log")
        await first.until(lambda: first.sql("SELECT count(*) FROM observation_log")[0] > before, "a look")


@pytest.mark.real
@pytest.mark.fault(
    "file descriptors are exhausted",
    how="RLIMIT_NOFILE of the running daemon set below what it holds, and all its connections cut",
    promise="no target is blamed for it, and once there are some again it works on and tells the drift",
    group="Process",
)
async def test_one_without_descriptors_blames_no_target_and_works_on_once_it_has_some(
    tmp_path: Path, site: Site
) -> None:
    import resource

    async with running(tmp_path, site) as daemon:
        daemon.publish("sound", named="1.1.0")
        daemon.configure("sound")
        await daemon.start()
        limits = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (4, limits[1]))
        await site.drop()
        await site.listen()
        await asyncio.sleep(5)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, limits)
        daemon.publish("sound", named="1.0.0")
        await daemon.until(lambda: bool(daemon.counted("chat")["behind", "sound"]), "the drift is told")
        # That we cannot see for want of descriptors may be told, but as what it is: our own trouble.
        alerts = {check for (check,) in daemon.sql('SELECT "check" FROM alert_history')}
        assert alerts <= {"behind", "blind"}
        assert await daemon.end() == 0

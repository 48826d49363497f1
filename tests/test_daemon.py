"""The daemon as it runs: signals, readiness, reload, heartbeat, and clocks that are set under it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from monitor import config
from monitor.clock import SystemClock
from monitor.service import Daemon, run_once
from monitor.service.progress import Heartbeat, Watchdog
from monitor.store import Reader
from monitor.systemd import Systemd
from tests.housing import Housing
from tests.servers.site import Site

CONFIG = """
[daemon]
database = "{folder}/tagdrift.db"
listen = ""
jitter = 0.0
interval = "1s"
deadline_for = "1s"
[targets.project]
metadata = {{ kind = "json", url = "{base}/latest.json", path = "$.tag" }}
releases = {{ kind = "json", url = "{base}/latest.json", path = "$.tag" }}
"""


class SetClock(SystemClock):
    """The machine's clock as somebody sets it."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


class Running:
    """A daemon in this process, and what it tells systemd."""

    def __init__(self, path: Path, manager: socket.socket, clock: SetClock) -> None:
        self.path = path
        self.clock = clock
        self._manager = manager

    async def said(self, line: str) -> str:
        """Return the first message that begins so."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(60):
            while True:
                message = (await loop.sock_recv(self._manager, 65536)).decode()
                if message.startswith(line):
                    return message


Run = Callable[[], AbstractAsyncContextManager[Running]]


@pytest.fixture
def running(quick_path: Path, site: Site) -> Run:
    path = quick_path / "config.toml"
    path.write_text(CONFIG.format(folder=quick_path, base=site.url("").rstrip("/")))
    site.answer("/latest.json", {"tag": "1.0.0"}, etag='"1"')

    def load() -> config.Config:
        if (quick_path / "defect").exists():
            raise RuntimeError("a defect")
        return config.load(path, {})

    @asynccontextmanager
    async def run() -> AsyncIterator[Running]:
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        manager.bind(str(quick_path / "notify"))
        clock = SetClock()
        systemd = Systemd({"NOTIFY_SOCKET": str(quick_path / "notify"), "WATCHDOG_USEC": "1000000"})
        daemon = Daemon(load(), load, systemd, clock)
        task = asyncio.create_task(daemon.run())
        try:
            yield Running(path, manager, clock)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(60):
                await task
            manager.close()

    return run


async def test_it_is_ready_after_the_first_round_and_stops_on_sigterm(
    running: Run, quick_path: Path, site: Site
) -> None:
    async with running() as daemon:
        assert await daemon.said("") == "EXTEND_TIMEOUT_USEC=30000000"
        assert "1 target, 0 with an alert" in await daemon.said("READY=1")
        assert len(site.asked("/latest.json")) >= 2
        await daemon.said("WATCHDOG=1")
    (run,) = Reader(quick_path / "tagdrift.db").runs()
    assert run.ended_at is not None


async def test_a_reload_takes_up_a_good_file_and_refuses_a_bad_one(running: Run, quick_path: Path) -> None:
    async with running() as daemon:
        await daemon.said("READY=1")
        good = daemon.path.read_text()
        daemon.path.write_text(good + "\nbad = 1\n")
        os.kill(os.getpid(), signal.SIGHUP)
        assert "RELOADING=1\nMONOTONIC_USEC=" in await daemon.said("RELOADING=1")
        assert "not in force" in await daemon.said("READY=1")
        daemon.path.write_text(good.replace("targets.project", "targets.renamed") + '\nwas = "project"\n')
        os.kill(os.getpid(), signal.SIGHUP)
        assert "not in force" not in await daemon.said("READY=1")
        reader = Reader(quick_path / "tagdrift.db")
        _, first, second = reader.config_loads()
        assert first.policy is None
        assert "targets.project.bad" in first.sentence
        assert second.policy is not None
        assert list(reader.states()) == ["renamed"]


async def test_a_reload_does_not_claim_to_have_changed_the_database(running: Run, quick_path: Path) -> None:
    async with running() as daemon:
        await daemon.said("READY=1")
        daemon.path.write_text(daemon.path.read_text().replace("tagdrift.db", "other.db"))
        os.kill(os.getpid(), signal.SIGHUP)
        assert "other.db takes a restart" in await daemon.said("READY=1")
        assert Reader(quick_path / "tagdrift.db").config_loads()[-1].policy is None


async def test_a_reload_that_meets_a_defect_is_answered_and_is_not_the_last(
    running: Run, quick_path: Path
) -> None:
    async with running() as daemon:
        await daemon.said("READY=1")
        (quick_path / "defect").touch()
        os.kill(os.getpid(), signal.SIGHUP)
        assert "a defect of tagdrift: RuntimeError" in await daemon.said("READY=1")
        (quick_path / "defect").unlink()
        os.kill(os.getpid(), signal.SIGHUP)
        await daemon.said("RELOADING=1")
        await daemon.said("READY=1")
        _, first, second = Reader(quick_path / "tagdrift.db").config_loads()
        assert first.sentence == "the new configuration could not be put in force: RuntimeError"
        assert second.sentence == "the configuration is in force: 1 target"


@pytest.mark.fault("the clock of the machine is set", how="", promise="")
@pytest.mark.parametrize("hours", [-1, 1, None], ids=["back an hour", "forward an hour", "to 1970"])
async def test_a_clock_that_is_set_does_not_stop_the_polling(
    running: Run, site: Site, hours: int | None
) -> None:
    async with running() as daemon:
        await daemon.said("READY=1")
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        daemon.clock.by = epoch - daemon.clock.now() if hours is None else timedelta(hours=hours)
        looked = asyncio.Semaphore(0)

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            looked.release()
            return web.json_response({"tag": "1.0.0"})

        site.script("/latest.json", answer)
        # Far under the hour for which the wall clock alone would say that nothing is due.
        async with asyncio.timeout(60):
            for _ in range(3):
                await looked.acquire()


async def test_a_second_daemon_on_the_same_database_is_refused(running: Run) -> None:
    from monitor.errors import DatabaseBusy

    async with running() as daemon:
        await daemon.said("READY=1")
        with pytest.raises(DatabaseBusy, match=f"process {os.getpid()}"):
            await run_once(config.load(daemon.path, {}))


async def test_one_round_records_tells_and_leaves(housing: Housing) -> None:
    housing.says(
        "project", named="1.0", releases={"1.0": "2024-01-01T00:00:00Z", "1.1": "2024-02-01T00:00:00Z"}
    )
    for name in housing.receivers:
        housing.site.script(f"/{name}", housing._receive)
    await run_once(housing.config())
    assert housing.told == [("ops", "[behind] project: latest.json names 1.0; 1.1 is out")]
    (run,) = Reader(housing.path).runs()
    assert run.ended_at is not None


async def test_a_heartbeat_goes_out_after_a_good_round_only(housing: Housing) -> None:
    housing.says("project", named="1.0", releases={"1.0": "2024-01-01T00:00:00Z"})
    await housing.open()
    rooms = housing.rooms
    url = housing.site.url("/beat/secret")
    housing.site.answer("/beat/secret", "OK")
    heartbeat = Heartbeat(rooms.house, rooms.fetcher, url)
    await heartbeat.beat()
    await heartbeat.beat()
    assert len(housing.site.asked("/beat/secret")) == 1
    await housing.pass_for(minutes=5)
    housing.site.answer("/beat/secret", status=204)
    await heartbeat.beat()
    assert heartbeat.failure is None
    assert len(housing.site.asked("/beat/secret")) == 2
    await housing.pass_for(minutes=5)
    housing.site.forget("/beat/secret")
    await heartbeat.beat()
    assert heartbeat.failure == "the heartbeat was not taken: HTTP 404"
    rooms.house.faults.config("the file is bad")
    await housing.pass_for(minutes=5)
    await heartbeat.beat()
    assert len(housing.site.asked("/beat/secret")) == 3


async def test_the_watchdog_is_fed_only_where_everything_moves(housing: Housing) -> None:
    housing.says("project", named="1.0", releases={"1.0": "2024-01-01T00:00:00Z"})
    await housing.open()
    watchdog = Watchdog(housing.rooms.house, Systemd({}))
    assert watchdog.feed()
    assert not watchdog.feed()
    # A tick alone, with a writer that hangs, is not enough; nor is a writer alone.
    housing.rooms.house.ticks += 1
    assert not watchdog.feed()
    await housing.rooms.store.writer.submit(lambda ledger: None)
    assert watchdog.feed()
    await housing.rooms.store.writer.submit(lambda ledger: None)
    assert not watchdog.feed()


async def test_a_heartbeat_may_go_to_a_host_that_no_source_has(housing: Housing) -> None:
    from dataclasses import replace

    from monitor.service.rooms import hosts_of

    plain = housing.config()
    beating = replace(plain, daemon=replace(plain.daemon, heartbeat_url="http://10.0.0.1:9/beat"))
    assert hosts_of(beating) - hosts_of(plain) == {"10.0.0.1:9"}

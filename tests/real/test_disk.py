"""The daemon on a disk that is full, read-only, without a name left, or fails now and then."""

from __future__ import annotations

import errno
from collections import Counter
from pathlib import Path

import pytest

from tests.disks import full
from tests.real import failing_disk
from tests.real.running import Running, running
from tests.real.troubled import (
    LIMIT,
    asked,
    assert_told_once,
    begun,
    blames_itself,
    command,
    of_targets,
    refuses,
    settled,
    turn,
)
from tests.servers.site import Site

PROMISE = (
    "no alert lost, made up or told twice; told as our own fault and never as a target's; "
    "all goes on once there is a disk again"
)
BEFORE = Counter({("behind", "over"): 1})


async def goes_on(daemon: Running) -> None:
    """Make sure that all that was due meanwhile is told now, once."""
    await settled(daemon)
    await daemon.says("the database takes what it is given again")
    assert (await asked(daemon, "/readyz"))[0] == 200
    assert await daemon.end() == 0
    assert_told_once(daemon)


async def repeats_nothing(daemon: Running) -> None:
    """Start it once more, and make sure that nobody hears of it."""
    await daemon.start(within=LIMIT)
    looks = len(daemon.site.asked("/late.json"))
    await daemon.until(lambda: len(daemon.site.asked("/late.json")) > looks + 1, "it looks", LIMIT)
    assert await daemon.end() == 0
    assert_told_once(daemon)


@pytest.mark.real
@pytest.mark.fault(
    "disk full", how="a tmpfs of 3 MB, filled under the running daemon, then freed", promise=PROMISE
)
async def test_a_disk_that_is_full_under_the_daemon(tmp_path: Path, site: Site) -> None:
    with failing_disk.small_disk(tmp_path / "data") as data:
        async with running(tmp_path, site) as daemon:
            await begun(daemon)
            with full(data):
                turn(daemon)
                await blames_itself(daemon, f"the disk is full; free some space under {data}")
                assert [*of_targets(daemon).values()] == [BEFORE] * len(daemon.receivers)
                status, said = await command(daemon, "status")
                assert (status, "over" in said) == (0, True)
            await goes_on(daemon)
            await repeats_nothing(daemon)
            with full(data):
                assert f"the disk is full; free some space under {data}" in await refuses(daemon)


@pytest.mark.real
@pytest.mark.fault(
    "disk read-only",
    how="every write, sync and opening for writing gives EROFS for a while, under the running daemon",
    promise=PROMISE,
)
async def test_a_disk_that_is_read_only_for_a_while(tmp_path: Path, site: Site) -> None:
    switch = tmp_path / "read-only"
    environ = failing_disk.environment(
        failing_disk.library(tmp_path), tmp_path / "data", number=errno.EROFS, switch=switch
    )
    async with running(tmp_path, site, receivers=("chat",), environ=environ) as daemon:
        await begun(daemon)
        switch.touch()
        turn(daemon)
        await blames_itself(daemon, "read-only")
        assert [*of_targets(daemon).values()] == [BEFORE] * len(daemon.receivers)
        switch.unlink()
        await goes_on(daemon)


@pytest.mark.real
@pytest.mark.fault(
    "disk read-only",
    how="an ext4 that the kernel makes read-only at an error, then checked and mounted again",
    promise=PROMISE,
)
async def test_a_file_system_that_the_kernel_makes_read_only(tmp_path: Path, site: Site) -> None:
    with failing_disk.Ext4.laid_over(tmp_path / "data") as disk:
        async with running(tmp_path, site, receivers=("chat",)) as daemon:
            await begun(daemon)
            disk.fail()
            turn(daemon)
            await blames_itself(daemon, "the disk gave an error, or is read-only since one")
            assert await daemon.end() == 0
            assert "tagdrift.db" in await refuses(daemon)
            disk.mend()
            await daemon.start(within=LIMIT)
            await settled(daemon)
            assert await daemon.end() == 0
            assert_told_once(daemon)


@pytest.mark.real
@pytest.mark.fault(
    "no inodes",
    how="a tmpfs without another name, under the running daemon and at its start",
    promise=PROMISE,
)
async def test_a_disk_without_inodes(tmp_path: Path, site: Site) -> None:
    with failing_disk.small_disk(tmp_path / "data", megabytes=8) as data:
        async with running(tmp_path, site, receivers=("chat",)) as daemon:
            await begun(daemon)
            with failing_disk.without_inodes(data):
                turn(daemon)
                await settled(daemon)
                assert (await asked(daemon, "/readyz"))[0] == 200
                assert await daemon.end() == 0
            with failing_disk.without_inodes(data):
                assert f"there is no room for another file under {data}" in await refuses(daemon)
            await daemon.start(within=LIMIT)
            assert await daemon.end() == 0
            assert_told_once(daemon)

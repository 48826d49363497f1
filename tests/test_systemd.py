"""sd_notify over real datagram sockets."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.systemd import Systemd


def listen(address: str) -> socket.socket:
    receiving = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiving.bind(address)
    receiving.settimeout(60)
    return receiving


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, Systemd]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@tagdrift-{uuid.uuid4()}"
    with listen(name.replace("@", "\0")) as receiving:
        yield receiving, Systemd({"NOTIFY_SOCKET": name})


def test_every_message_is_one_datagram(manager: tuple[socket.socket, Systemd]) -> None:
    receiving, systemd = manager
    systemd.ready("10 targets")
    systemd.reloading(12.5)
    systemd.status("1 drifting\nREADY=1")
    systemd.watchdog()
    systemd.extend(timedelta(seconds=2))
    systemd.stopping()
    assert [receiving.recv(4096).decode() for _ in range(6)] == [
        "READY=1\nSTATUS=10 targets",
        "RELOADING=1\nMONOTONIC_USEC=12500000",
        "STATUS=1 drifting READY=1",
        "WATCHDOG=1",
        "EXTEND_TIMEOUT_USEC=2000000",
        "STOPPING=1\nSTATUS=stopping",
    ]
    assert systemd.is_listening


@pytest.mark.parametrize("address", ["", "vsock:2:1", "/nowhere/at/all"])
def test_a_manager_that_is_not_there_is_no_failure(address: str) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": address})
    systemd.ready("nobody listens")
    assert systemd.is_listening == address.startswith("/")


def test_a_full_queue_does_not_block(tmp_path: Path) -> None:
    with listen(str(tmp_path / "notify")):
        systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(2000):
            systemd.watchdog()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"WATCHDOG_USEC": "60000000"}, timedelta(seconds=30), id="half of it"),
        pytest.param(
            {"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=2), id="ours"
        ),
        pytest.param({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}, None, id="another process's"),
        pytest.param({"WATCHDOG_USEC": "0"}, None, id="off"),
        pytest.param({"WATCHDOG_USEC": "soon"}, None, id="no number"),
        pytest.param({}, None, id="none"),
    ],
)
def test_the_watchdog_is_fed_at_half_its_interval(
    environ: dict[str, str], expected: timedelta | None
) -> None:
    assert Systemd(environ).watchdog_every == expected

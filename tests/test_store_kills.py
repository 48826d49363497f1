"""A process that dies at any moment loses nothing that it was told is kept, and leaves nothing half done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.store import Store
from tests.conftest import ManualClock
from tests.looking import NAME, rows
from tests.recording import AT_ONCE


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.campaign)])
@pytest.mark.fault(
    "killed while it records",
    how="SIGKILL at any instant of a process that commits several looks at once",
    promise="each acknowledged look is there with its event, none half",
    group="Process",
)
def test_a_daemon_that_is_killed_again_and_again_loses_nothing(
    database: Path, clock: ManualClock, kills: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("times", kills)
    chance = random.Random(20241016)
    command = [sys.executable, "-m", "tests.recording", str(database)]
    kept = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as runs:
        assert runs.stdin is not None
        assert runs.stdout is not None
        for _ in range(kills):
            runs.stdin.write("again\n")
            runs.stdin.flush()
            child = int(runs.stdout.readline())
            for _ in range(chance.randrange(1, 40)):
                assert runs.stdout.readline() == "kept\n"
                kept += 1
            os.kill(child, signal.SIGKILL)
            while (line := runs.stdout.readline()) != "gone\n":
                assert line == "kept\n"
                kept += 1
        runs.stdin.close()
    store = Store.open(database, clock=clock)
    ((looks,),) = rows(database, "SELECT count(*) FROM observations")
    assert kept <= looks <= kept + kills * AT_ONCE
    assert rows(database, "SELECT count(*) FROM events") == [(looks,)]
    assert [reading.seen for reading in store.reader.history(NAME)] == [looks]
    store.close()

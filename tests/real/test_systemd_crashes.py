"""What crashes and hangs cost under a real systemd: no record, and at most one message twice each."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.real.frozen import all_but_the_main_thread, frozen
from tests.real.installed import QUICK, Installed
from tests.real.machine import until

pytestmark = pytest.mark.real

KILLS = 30
SABOTEUR = "/usr/local/lib/saboteur"
PAUSE_AT_USR1 = """
import gc, signal, sys

def pause(*_):
    for each in gc.get_objects():
        if type(each).__name__ == "AsyncIOScheduler":
            each.pause()
            print("the scheduler is paused", file=sys.stderr, flush=True)

signal.signal(signal.SIGUSR1, pause)
"""


@pytest.mark.fault(
    "systemd: the loop hangs",
    how="SIGSTOP of the daemon under WatchdogSec=3",
    promise="a sound daemon outlives its watchdog; a hung one is ended by it and restarted",
    group="Real components",
)
def test_a_hung_daemon_is_ended_by_the_watchdog_and_comes_back(box: Installed) -> None:
    box.drop_in(f"{QUICK}WatchdogSec=3\n")
    box.systemctl("start", "tagdrift")
    former = box.show("MainPID")
    time.sleep(5)
    assert box.show("MainPID") == former, "a sound daemon must outlive its watchdog"
    box.kill("SIGSTOP")
    box.until_active_again(former)
    assert box.said("Watchdog timeout")


@pytest.mark.fault(
    "systemd: the writer hangs",
    how="all threads but the loop's are held by ptrace, as a disk that hangs would",
    promise="ended by the watchdog and restarted, and the journal shows where it hung",
    group="Real components",
)
def test_a_hung_writer_is_ended_by_the_watchdog_though_the_loop_goes_on(box: Installed) -> None:
    box.drop_in(f"{QUICK}WatchdogSec=3\n")
    box.systemctl("start", "tagdrift")
    former = box.show("MainPID")
    with frozen(all_but_the_main_thread(box.machine.outside(int(former)))):
        until(lambda: box.said("Watchdog timeout"), "the watchdog's verdict")
    box.until_active_again(former)
    assert box.said("most recent call first"), "the journal shows where it hung"


@pytest.mark.fault(
    "systemd: the scheduler hangs",
    how="the running scheduler is paused from inside at SIGUSR1, so that no job of it runs any more",
    promise="ended by the watchdog although the loop waits for events as ever, and restarted",
    group="Real components",
)
def test_a_hung_scheduler_is_ended_by_the_watchdog_though_the_loop_goes_on(box: Installed) -> None:
    box.machine.write(f"{SABOTEUR}/sitecustomize.py", PAUSE_AT_USR1)
    box.drop_in(f"{QUICK}WatchdogSec=3\nEnvironment=PYTHONPATH={SABOTEUR}\n")
    box.systemctl("start", "tagdrift")
    former = box.show("MainPID")
    box.kill("SIGUSR1")
    until(lambda: box.said("Watchdog timeout"), "the watchdog's verdict")
    box.until_active_again(former)
    assert box.said("the scheduler is paused")
    assert box.said("in select"), "the loop was waiting for events when it was ended"
    assert box.show("NRestarts") == "1"


@pytest.mark.fault(
    "systemd: kill -9 of the service",
    how="SIGKILL between look, record, sending and marking",
    promise="systemd restarts it; every drift reaches the receiver, at most one message repeated a kill",
    group="Real components",
)
def test_thirty_kills_lose_no_message_and_repeat_at_most_one_each(
    box: Installed, record_property: Callable[[str, object], None]
) -> None:
    names = [f"late-{number:02}" for number in range(KILLS)]
    for name in names:
        box.in_step(name)
    box.configure(*names, more="\n[daemon]\ngroup_over = 1000\n")
    box.drop_in(f"[Unit]\nStartLimitIntervalSec=0\n{QUICK}")
    box.systemctl("start", "tagdrift")
    chance = random.Random(20241016)
    for name in names:
        former = box.show("MainPID")
        box.drifting(name)
        box.kill("SIGKILL")
        box.until_active_again(former)
        # Anywhere between the first look, the second, the sending and the marking.
        time.sleep(chance.uniform(0, 1.5))
    until(lambda: told(box).keys() == set(names), "a message for each", within=120)
    until(lambda: box.sql("SELECT 1 FROM delivery_log WHERE state <> 'delivered'") == [], "an empty outbox")
    repeated = sum(times - 1 for times in told(box).values())
    record_property("times", KILLS)
    record_property("figure", f"messages repeated: {repeated}")
    assert repeated <= KILLS
    assert max(told(box).values()) <= 1 + KILLS


def told(box: Installed) -> Counter[str]:
    """Return how often the chat was told of each target."""
    return Counter(found[0] for title in box.received if (found := re.search(r"late-\d\d", title)))

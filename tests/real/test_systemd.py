"""The service under a real systemd, as README says to install it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.installed import PROJECT, SECRET, Installed, installed
from tests.real.machine import install, until

pytestmark = pytest.mark.real

QUICK = "[Service]\nLoadCredential=chat:/etc/tagdrift/credentials/chat\nRestartSec=100ms\n"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(PROJECT)]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    install(folder / "tagdrift", wheel)
    return folder / "tagdrift"


@pytest.fixture
def it(tmp_path: Path, prefix: Path) -> Iterator[Installed]:
    with installed(tmp_path / "it", prefix) as it:
        it.in_step("sound")
        it.configure("sound")
        yield it


def test_it_is_active_only_when_the_first_round_is_done(it: Installed) -> None:
    it.hold.touch()
    it.systemctl("start", "--no-block", "tagdrift")
    until(lambda: len(it.asked) == 2, "a question for each side")
    assert it.show("ActiveState") == "activating"
    it.hold.unlink()
    until(lambda: it.show("ActiveState") == "active", "active")
    assert "1 target" in it.show("StatusText")


def test_the_first_round_is_done_too_when_everybody_is_down(it: Installed) -> None:
    it.configure("nobody-has-this")
    it.systemctl("start", "tagdrift")
    assert it.show("ActiveState") == "active"


def test_a_reload_means_that_the_new_file_is_in_force(it: Installed) -> None:
    it.systemctl("start", "tagdrift")
    process = it.show("MainPID")
    it.in_step("another")
    it.configure("sound", "another")
    it.systemctl("reload", "tagdrift")
    until(lambda: "/another.json" in it.asked, "a look at the new target")
    assert (it.show("ActiveState"), it.show("MainPID")) == ("active", process)
    assert "2 targets" in it.show("StatusText")


def test_a_reload_of_a_bad_file_fails_and_the_old_one_goes_on(it: Installed) -> None:
    it.systemctl("start", "tagdrift")
    it.configure("sound", more="[targetz.typo]\n")
    refused = it.systemctl("reload", "tagdrift", check=False)
    assert refused.returncode != 0
    assert it.show("ActiveState") == "active"
    assert it.said("targetz")
    assert "targetz" in it.show("StatusText")
    assert [row["target"] for row in it.sql("SELECT target FROM current")] == ["sound"]
    it.configure("sound")
    it.systemctl("reload", "tagdrift")
    assert "targetz" not in it.show("StatusText")


def test_a_bad_file_at_the_start_is_not_tried_again(it: Installed) -> None:
    it.configure("sound", more="[targetz.typo]\n")
    assert it.systemctl("start", "tagdrift", check=False).returncode != 0
    until(lambda: it.show("ActiveState") == "failed", "a verdict")
    assert (it.show("NRestarts"), it.show("ExecMainStatus")) == ("0", "2")
    assert it.said("targetz")


def test_a_drift_is_told_by_means_of_a_credential_that_nobody_else_sees(it: Installed) -> None:
    it.drifting("late")
    it.configure("sound", "late")
    it.systemctl("start", "tagdrift")
    until(lambda: bool(it.received), "a message", within=30)
    assert len(it.received) == 1
    assert "late" in it.received[0]
    assert f"/{SECRET}" in it.asked
    assert not it.said(SECRET)
    assert SECRET not in it.show("StatusText")
    assert SECRET not in it.machine.run("bash", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout
    database = it.machine.path("/var/lib/tagdrift")
    assert not [
        path for path in database.iterdir() if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


def test_the_history_goes_on_after_a_restart(it: Installed) -> None:
    it.systemctl("start", "tagdrift")
    (before,) = it.sql("SELECT count(*) AS looks FROM observation_log")
    it.systemctl("restart", "tagdrift")
    (after,) = it.sql("SELECT count(*) AS looks FROM observation_log")
    assert (before["looks"], after["looks"]) == (2, 4)


def test_the_group_may_query_and_others_see_nothing(it: Installed) -> None:
    for user, groups in (("reader", "tagdrift"), ("stranger", "")):
        it.machine.run("useradd", "--groups", groups, user)
    it.systemctl("start", "tagdrift")
    query = "SELECT target, state FROM current"
    assert it.sql(query, user="reader") == [{"target": "sound", "state": "in step"}]
    assert "sound" in it.tagdrift("status", user="reader")
    assert it.machine.run_as("stranger", "tagdrift", "sql", query, check=False).returncode != 0
    state = it.machine.path("/var/lib/tagdrift")
    assert (state.stat().st_mode & 0o777, state.owner()) == (0o750, str(state.owner()))
    assert {path.stat().st_mode & 0o777 for path in state.glob("tagdrift.db*")} == {0o640}
    it.systemctl("stop", "tagdrift")
    assert it.sql(query, user="reader") == [{"target": "sound", "state": "in step"}]


def test_a_hung_daemon_is_ended_by_the_watchdog_and_comes_back(it: Installed) -> None:
    it.drop_in(f"{QUICK}WatchdogSec=3\n")
    it.systemctl("start", "tagdrift")
    former = it.show("MainPID")
    time.sleep(5)
    assert it.show("MainPID") == former, "a sound daemon must outlive its watchdog"
    it.kill("SIGSTOP")
    it.until_active_again(former, within=20)
    assert it.said("Watchdog timeout")


def test_a_stop_takes_less_than_ten_seconds_while_a_delivery_hangs(it: Installed) -> None:
    it.drifting("late")
    it.configure("late")
    it.systemctl("start", "tagdrift")
    it.hold.touch()
    until(lambda: f"/{SECRET}" in it.asked, "a delivery that hangs", within=30)
    begun = time.monotonic()
    it.systemctl("stop", "tagdrift")
    assert time.monotonic() - begun < 10
    assert (it.show("Result"), it.show("ActiveState")) == ("success", "inactive")
    it.hold.unlink()
    it.systemctl("start", "tagdrift")
    until(
        lambda: it.sql("SELECT state FROM delivery_log") == [{"state": "delivered"}], "delivered", within=30
    )


def test_the_journal_knows_how_grave_a_line_is(it: Installed) -> None:
    it.systemctl("start", "tagdrift")
    it.configure("sound", more="[targetz.typo]\n")
    it.systemctl("reload", "tagdrift", check=False)
    ours = {entry["MESSAGE"]: entry["PRIORITY"] for entry in it.journal() if entry["_COMM"] == "tagdrift"}
    assert next(priority for text, priority in ours.items() if "first round" in text) == "6"
    assert next(priority for text, priority in ours.items() if "targetz" in text) == "3"
    assert not [text for text in ours if text.startswith("<")]


def test_crashes_are_restarted_up_to_the_limit(it: Installed) -> None:
    it.drop_in(f"[Unit]\nStartLimitBurst=3\n{QUICK}")
    it.systemctl("start", "tagdrift")
    for _ in range(2):
        former = it.show("MainPID")
        it.kill("SIGKILL")
        it.until_active_again(former)
    it.kill("SIGKILL")
    until(lambda: it.show("ActiveState") == "failed", "an end of the trying")
    assert it.show("NRestarts") == "3"

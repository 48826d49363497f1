"""The service under a real systemd, installed as README says."""

from __future__ import annotations

import pytest

from tests.real.installed import CONFIGURATION, DROP_IN, ENABLE, QUICK, SECRET, Installed
from tests.real.machine import PREFIX, until

pytestmark = pytest.mark.real


@pytest.mark.fault(
    "systemd: a source keeps the first round waiting",
    how="the site holds its first answers back",
    promise="the unit is activating until the first round is done, then active",
    group="Real components",
)
def test_it_is_active_only_when_the_first_round_is_done(box: Installed) -> None:
    box.hold.touch()
    box.systemctl("start", "--no-block", "tagdrift")
    until(lambda: len(box.asked) == 2, "a question for each side")
    assert box.show("ActiveState") == "activating"
    box.hold.unlink()
    until(lambda: box.show("ActiveState") == "active", "active")
    assert "1 target" in box.show("StatusText")


def test_the_example_as_shipped_is_good_enough_to_start(box: Installed) -> None:
    """Without its credentials, its receivers or a network: what it has to say of that is in the journal."""
    example = f"{PREFIX}/share/tagdrift/config.example.toml"
    box.machine.run("install", "-D", "-m", "644", example, CONFIGURATION)
    box.machine.run("rm", DROP_IN)
    box.systemctl("daemon-reload")
    box.machine.run("tagdrift", "config", "check")
    box.machine.run(*ENABLE.split())
    assert (box.show("ActiveState"), box.show("UnitFileState")) == ("active", "enabled")
    assert box.said("nobody will be told")


@pytest.mark.fault(
    "systemd: all sources are down at the start",
    how="the site answers 404 to everything",
    promise="the unit becomes active all the same",
    group="Real components",
)
def test_the_first_round_is_done_too_when_everybody_is_down(box: Installed) -> None:
    box.configure("nobody-has-this")
    box.systemctl("start", "tagdrift")
    assert box.show("ActiveState") == "active"


@pytest.mark.fault(
    "systemd: reload with a good file",
    how="`systemctl reload` with one target more",
    promise="when it returns the new target is watched, by the same process",
    group="Real components",
)
def test_a_reload_means_that_the_new_file_is_in_force(box: Installed) -> None:
    box.systemctl("start", "tagdrift")
    process = box.show("MainPID")
    box.in_step("another")
    box.configure("sound", "another")
    box.systemctl("reload", "tagdrift")
    until(lambda: "/another.json" in box.asked, "a look at the new target")
    assert (box.show("ActiveState"), box.show("MainPID")) == ("active", process)
    assert "2 targets" in box.show("StatusText")


@pytest.mark.fault(
    "systemd: reload with a bad file",
    how="`systemctl reload` with a misspelled table",
    promise="the reload fails and says why, in the journal and in the status; the old configuration goes on",
    group="Real components",
)
def test_a_reload_of_a_bad_file_fails_and_the_old_one_goes_on(box: Installed) -> None:
    box.systemctl("start", "tagdrift")
    box.configure("sound", more="[targetz.typo]\n")
    refused = box.systemctl("reload", "tagdrift", check=False)
    assert refused.returncode != 0
    assert box.show("ActiveState") == "active"
    assert box.said("targetz")
    assert "targetz" in box.show("StatusText")
    assert "targetz" in box.tagdrift("status")
    assert [row["target"] for row in box.sql("SELECT target FROM current")] == ["sound"]
    box.configure("sound")
    box.systemctl("reload", "tagdrift")
    assert "targetz" not in box.show("StatusText")


@pytest.mark.fault(
    "systemd: start with a bad file",
    how="`systemctl start` with a misspelled table",
    promise="failed at once with the reason, and not tried again",
    group="Real components",
)
def test_a_bad_file_at_the_start_is_not_tried_again(box: Installed) -> None:
    box.configure("sound", more="[targetz.typo]\n")
    assert box.systemctl("start", "tagdrift", check=False).returncode != 0
    until(lambda: box.show("ActiveState") == "failed", "a verdict")
    assert (box.show("NRestarts"), box.show("ExecMainStatus")) == ("0", "2")
    assert box.said("targetz")


@pytest.mark.fault(
    "systemd: a secret could leak",
    how="the webhook of a real delivery is a credential, and is looked for everywhere else",
    promise="it is in no journal, status, command line or file of the database",
    group="Real components",
)
def test_a_drift_is_told_by_means_of_a_credential_that_nobody_else_sees(box: Installed) -> None:
    box.drifting("late")
    box.configure("sound", "late")
    box.systemctl("start", "tagdrift")
    until(lambda: bool(box.received), "a message")
    assert len(box.received) == 1
    assert "late" in box.received[0]
    assert f"/{SECRET}" in box.asked
    assert not box.said(SECRET)
    assert SECRET not in box.show("StatusText")
    assert SECRET not in box.machine.run("bash", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout
    database = box.machine.path("/var/lib/tagdrift")
    assert not [
        path for path in database.iterdir() if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


@pytest.mark.fault(
    "systemd: a restart",
    how="`systemctl restart`",
    promise="the history is kept and goes on in the same StateDirectory",
    group="Real components",
)
def test_the_history_goes_on_after_a_restart(box: Installed) -> None:
    box.systemctl("start", "tagdrift")
    (before,) = box.sql("SELECT count(*) AS looks FROM observation_log")
    box.systemctl("restart", "tagdrift")
    (after,) = box.sql("SELECT count(*) AS looks FROM observation_log")
    assert (before["looks"], after["looks"]) == (2, 4)


def test_the_group_may_query_and_others_see_nothing(box: Installed) -> None:
    for user, groups in (("reader", "tagdrift"), ("stranger", "")):
        box.machine.run("useradd", "--groups", groups, user)
    box.systemctl("start", "tagdrift")
    query = "SELECT target, state FROM current"
    assert box.sql(query, user="reader") == [{"target": "sound", "state": "in step"}]
    assert "sound" in box.tagdrift("status", user="reader")
    assert box.machine.run_as("stranger", "tagdrift", "sql", query, check=False).returncode != 0
    modes = box.machine.run(
        "bash", "-c", "stat -c '%a %U:%G %n' /var/lib/tagdrift /var/lib/tagdrift/tagdrift.db*"
    )
    folder, *files = (line.rsplit(" ", 1)[0] for line in modes.stdout.splitlines())
    assert (folder, set(files)) == ("750 tagdrift:tagdrift", {"640 tagdrift:tagdrift"})
    box.systemctl("stop", "tagdrift")
    assert box.sql(query, user="reader") == [{"target": "sound", "state": "in step"}]


@pytest.mark.fault(
    "systemd: stop while a delivery hangs",
    how="the receiver keeps the delivery waiting, `systemctl stop`",
    promise="stopped within TimeoutStopSec of 10 s, and the message is delivered after the next start",
    group="Real components",
)
def test_a_stop_takes_less_than_ten_seconds_while_a_delivery_hangs(box: Installed) -> None:
    box.drifting("late")
    box.configure("late")
    box.systemctl("start", "tagdrift")
    box.hold.touch()
    until(lambda: f"/{SECRET}" in box.asked, "a delivery that hangs")
    box.systemctl("stop", "tagdrift")
    # Not "timeout", which it would be after the ten seconds of TimeoutStopSec.
    assert box.show("TimeoutStopUSec") == "10s"
    assert (box.show("Result"), box.show("ActiveState")) == ("success", "inactive")
    box.hold.unlink()
    box.systemctl("start", "tagdrift")
    until(lambda: box.sql("SELECT state FROM delivery_log") == [{"state": "delivered"}], "delivered")


@pytest.mark.fault(
    "systemd: what is grave must be found",
    how="a bad reload, then the journal is read by priority",
    promise="each line has its priority: 3 for the refusal, 6 for the round",
    group="Real components",
)
def test_the_journal_knows_how_grave_a_line_is(box: Installed) -> None:
    box.systemctl("start", "tagdrift")
    box.configure("sound", more="[targetz.typo]\n")
    box.systemctl("reload", "tagdrift", check=False)
    ours = {entry["MESSAGE"]: entry["PRIORITY"] for entry in box.journal() if entry["_COMM"] == "tagdrift"}
    assert next(priority for text, priority in ours.items() if "first round" in text) == "6"
    assert next(priority for text, priority in ours.items() if "targetz" in text) == "3"
    assert not [text for text in ours if text.startswith("<")]


@pytest.mark.fault(
    "systemd: crash after crash",
    how="SIGKILL of the main process until StartLimitBurst",
    promise="restarted up to the limit, then a visible failed",
    group="Real components",
)
def test_crashes_are_restarted_up_to_the_limit(box: Installed) -> None:
    box.drop_in(f"[Unit]\nStartLimitBurst=3\n{QUICK}")
    box.systemctl("start", "tagdrift")
    for _ in range(2):
        former = box.show("MainPID")
        box.kill("SIGKILL")
        box.until_active_again(former)
    box.kill("SIGKILL")
    until(lambda: box.show("ActiveState") == "failed", "an end of the trying")
    assert box.show("NRestarts") == "3"

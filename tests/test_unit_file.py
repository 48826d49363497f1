"""What systemd/ says, read as text; `pytest -m real` asks systemd itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parent.parent / "systemd"
UNIT = (SYSTEMD / "tagdrift.service").read_text().splitlines()
HEAD = re.compile(r"\[(Unit|Service|Install)\]")


def settings(section: str) -> list[tuple[str, str]]:
    """Return the key and value of each line of this section, in its order."""
    found, inside = [], ""
    for line in UNIT:
        if head := HEAD.fullmatch(line):
            inside = head[1]
        elif inside == section and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.append((key, value))
    return found


def value(key: str) -> str:
    """Return the one value that this key has in the [Service] section."""
    (only,) = (text for name, text in settings("Service") if name == key)
    return only


def test_no_line_lacks_its_reason() -> None:
    """A comment counts for all of the lines below it, down to the next gap."""
    bare, reason = [], ""
    for line in UNIT:
        if line.startswith("#") or not line:
            reason = line
        elif "=" in line and not reason:
            bare.append(line.partition("=")[0])
    assert bare == ["Description", "Documentation", "WantedBy"]


def test_a_reason_stands_on_a_line_of_its_own() -> None:
    """Systemd knows no comment behind a value."""
    assert [line for line in UNIT if re.match(r"[A-Za-z]+=.*#", line)] == []


def test_it_is_ready_when_the_daemon_says_so() -> None:
    """Systemd 252 does not know notify-reload, and would make it `simple` with no more than a warning."""
    assert value("Type") == "notify"


def test_a_reload_waits_for_its_result() -> None:
    assert value("ExecReload") == "/opt/tagdrift/bin/tagdrift reload --wait"


def test_a_stop_lets_deliveries_end_but_waits_no_longer_than_ten_seconds() -> None:
    assert (value("KillMode"), value("TimeoutStopSec")) == ("mixed", "10s")


def test_a_crash_is_restarted_but_not_for_ever() -> None:
    assert value("Restart") == "always"
    limits = dict(settings("Unit"))
    starts, pause = int(limits["StartLimitBurst"]), int(value("RestartSec").removesuffix("s"))
    within = int(limits["StartLimitIntervalSec"].removesuffix("min")) * 60
    # Otherwise starts that far apart would never reach the limit.
    assert starts * pause < within


def test_the_group_reads_the_history_and_others_see_nothing() -> None:
    assert (value("StateDirectory"), value("StateDirectoryMode"), value("UMask")) == (
        "tagdrift",
        "0750",
        "0027",
    )


def test_its_user_is_the_one_that_sysusers_makes() -> None:
    lines = (SYSTEMD / "tagdrift.sysusers").read_text().splitlines()
    (user,) = (line.split() for line in lines if line.startswith("u "))
    assert (user[1], user[1], user[-1]) == (value("User"), value("Group"), "/var/lib/tagdrift")


def test_credentials_are_shown_but_none_is_demanded() -> None:
    """A LoadCredential of a file that is not there makes the start fail with status 243."""
    assert [key for key, _ in settings("Service") if key.startswith("LoadCredential")] == []
    assert "# LoadCredential=github:/etc/tagdrift/credentials/github" in UNIT


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("NotifyAccess", "main"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("PrivateUsers", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("ProtectProc", "invisible"),
        ("ProcSubset", "pid"),
        ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
        ("MemoryDenyWriteExecute", "yes"),
        ("LimitCORE", "0"),
    ],
)
def test_it_is_confined(key: str, expected: str) -> None:
    assert value(key) == expected


def test_it_may_call_what_a_service_needs_and_nothing_that_only_root_may() -> None:
    filters = [text for key, text in settings("Service") if key == "SystemCallFilter"]
    assert filters == ["@system-service", "~@privileged @resources"]

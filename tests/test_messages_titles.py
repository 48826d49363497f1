"""The first line of a message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.messages import write
from monitor.model import BehindReason, CheckName, Severity, Side, TellReason
from tests.letters import ALERT, DROPPED, RESOLVED, about, finding, letter


@pytest.mark.parametrize(
    ("given", "title"),
    [
        pytest.param(
            letter(), "[behind] {}: latest-release.json names 20241008; 20241016 is out", id="first"
        ),
        pytest.param(
            letter(replace(ALERT, severity=Severity.CRITICAL)),
            "[behind, critical] {}: latest-release.json names 20241008; 20241016 is out",
            id="first and critical",
        ),
        pytest.param(
            letter(ALERT, TellReason.REPEAT),
            "[still behind] {}: latest-release.json names 20241008; 20241016 is out",
            id="repeat",
        ),
        pytest.param(
            letter(replace(ALERT, severity=Severity.CRITICAL), TellReason.ESCALATED),
            "[behind, now critical] {}: latest-release.json names 20241008; 20241016 is out",
            id="escalated",
        ),
        pytest.param(
            letter(RESOLVED, TellReason.RESOLVED),
            "[resolved] {}: latest-release.json is in step with the releases",
            id="resolved",
        ),
        pytest.param(
            letter(RESOLVED, TellReason.RESOLVED, replaces_first=True),
            "[behind, resolved] {}: latest-release.json is in step with the releases",
            id="fired and resolved",
        ),
        pytest.param(
            letter(DROPPED, TellReason.DROPPED), "[no longer watched] {}: it was behind", id="dropped"
        ),
        pytest.param(
            finding(reason=BehindReason.REGRESSED),
            "[behind] {}: latest-release.json went back to 20241008; 20241016 is out",
            id="went back",
        ),
        pytest.param(
            finding(named=None, newest=None),
            "[behind] {}: latest-release.json names nothing; a newer release is out",
            id="nothing named",
        ),
        pytest.param(
            about(CheckName.UNLISTED, named="99999999"),
            "[unlisted] {}: latest-release.json names 99999999, which is not out",
            id="unlisted",
        ),
        pytest.param(
            about(CheckName.MALFORMED, Side.METADATA),
            "[malformed] {}: latest-release.json cannot be used",
            id="malformed metadata",
        ),
        pytest.param(
            about(CheckName.MALFORMED, Side.RELEASES),
            "[malformed] {}: the list of releases cannot be used",
            id="malformed releases",
        ),
        pytest.param(
            about(CheckName.UNREACHABLE, Side.RELEASES),
            "[unreachable] {}: the list of releases cannot be read",
            id="unreachable",
        ),
        pytest.param(
            about(CheckName.UNREACHABLE, Side.METADATA, TellReason.RESOLVED),
            "[resolved] {}: latest-release.json can be read again",
            id="reachable again",
        ),
        pytest.param(
            about(CheckName.AMBIGUOUS, named="20250323"),
            "[ambiguous] {}: the place of 20250323 among the releases is not clear",
            id="ambiguous, named",
        ),
        pytest.param(
            about(CheckName.AMBIGUOUS, named=None),
            "[ambiguous] {}: the place of 20241016 among the releases is not clear",
            id="ambiguous, only out",
        ),
        pytest.param(about(CheckName.BLIND), "[blind] {}: no configured host answers", id="blind"),
    ],
)
def test_the_title_says_what_is_wrong_with_which_target(given, title):
    assert write(given)[0] == title.format("python-build-standalone")

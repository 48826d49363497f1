"""Who is told, and when: routes and policies, right and wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import CheckName, Policy, Rollback, Route, Severity, Switch
from tests.configured import OPS, RECEIVER, loaded, problem

# --- [[routes]] ----------------------------------------------------------------------------------


def test_a_route_has_receivers_and_matchers(tmp_path: Path) -> None:
    text = (
        RECEIVER
        + """
        [[routes]]
        receivers = ["ops", "ops"]
        labels = { team = "core" }
        severities = ["critical"]
        checks = ["behind", "blind"]
        [[routes]]
        receivers = ["ops"]
    """
    )
    assert loaded(tmp_path, text, {"OPS": OPS}).routes == (
        Route(
            receivers=("ops",),
            labels={"team": "core"},
            severities=(Severity.CRITICAL,),
            checks=(CheckName.BEHIND, CheckName.BLIND),
        ),
        Route(receivers=("ops",)),
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('checks = ["behind"]', "routes[0].receivers: it is missing: Names of receivers."),
        ("receivers = []", "routes[0].receivers: it is empty, so nobody would be told"),
        (
            'receivers = ["ops"]\nchecks = ["behnd"]',
            'routes[0].checks[0]: there is no check "behnd"; did you mean behind?',
        ),
        (
            'receivers = ["ops"]\nseverities = ["page"]',
            'routes[0].severities[0]: there is no severity "page"',
        ),
        (
            'receivers = ["ops"]\nlabels = { a = 1 }',
            "routes[0].labels.a: found the number 1; want a text in quotes",
        ),
        (
            'receivers = ["ops"]\nlabels = { a = "" }',
            "routes[0].labels.a: want 1 to 200 printable characters",
        ),
        ('receivers = "ops"', 'routes[0].receivers: found the text "ops"; want an array, like ["…"]'),
        (
            'receivers = ["ops"]\ncheck = ["behind"]',
            "routes[0].check: there is no such key; did you mean checks?",
        ),
    ],
)
def test_a_route_that_leads_nowhere_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    assert problem(tmp_path, f"{RECEIVER}[[routes]]\n{lines}", {"OPS": OPS}).startswith(said)


def test_a_receiver_that_no_route_names_is_a_warning(tmp_path: Path) -> None:
    text = f'{RECEIVER}[receivers.spare]\nurl = {{ env = "OPS" }}\n[[routes]]\nreceivers = ["ops"]'
    warnings = loaded(tmp_path, text, {"OPS": OPS}).warnings
    assert "receivers.spare: no route names it; it gets only what matches no route" in warnings


# --- [policy] ------------------------------------------------------------------------------------


def test_the_policy_takes_every_key_of_the_design(tmp_path: Path) -> None:
    text = """
        [policy]
        scheme = "calver:YYYY.0M.MICRO"
        tags = 'v(?P<version>.+)'
        prereleases = true
        ignore = ["1.0"]
        threshold = "0"
        critical_after = "1d"
        unreachable_after = "1h"
        malformed_grace = "1m"
        unlisted = "off"
        unlisted_grace = "2m"
        rollback = "allow"
        keep_firing_for = "3m"
        repeat_every = "1d"
    """
    assert loaded(tmp_path, text).policy == Policy(
        scheme="calver:YYYY.0M.MICRO",
        tags="v(?P<version>.+)",
        prereleases=True,
        ignore=("1.0",),
        threshold=timedelta(0),
        critical_after=timedelta(days=1),
        unreachable_after=timedelta(hours=1),
        malformed_grace=timedelta(minutes=1),
        unlisted=Switch.OFF,
        unlisted_grace=timedelta(minutes=2),
        rollback=Rollback.ALLOW,
        keep_firing_for=timedelta(minutes=3),
        repeat_every=timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('scheme = "semverr"', "policy.scheme: there is no scheme 'semverr'"),
        ('scheme = "calver:QQ"', "policy.scheme: "),
        ("tags = '('", "policy.tags: '(' is not a regular expression"),
        ("tags = '(a|aa)+z'", "policy.tags: '(a|aa)+z' takes too long"),
        ('repeat_every = "1s"', "policy.repeat_every: it is too short; want at least 1m"),
        ('threshold = "-5m"', 'policy.threshold: found the text "-5m"; a duration cannot be negative'),
        ('prereleases = "yes"', 'policy.prereleases: found the text "yes"; want true or false'),
        ("ignore = [1.10]", "policy.ignore[0]: found the number 1.1; want a text in quotes"),
        ('rollback = "on"', 'policy.rollback: found the text "on"; want one of "alert", "allow"'),
        ("scheme = 3", "policy.scheme: found the number 3; want a text in quotes"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(tmp_path: Path, line: str, said: str) -> None:
    assert problem(tmp_path, f"[policy]\n{line}").startswith(said)

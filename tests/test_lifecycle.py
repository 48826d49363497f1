"""The life of an alert, edge by edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor import lifecycle
from monitor.model import AlertState, CheckName, EventKind, Finding, Policy, Severity, SinceClock
from tests.looks import START, after

FINDING = Finding(
    check=CheckName.BEHIND,
    target="pbs",
    since=START,
    since_is=SinceClock.PUBLISHED,
    fires_at=after(hours=2),
    severity=Severity.WARNING,
    sentence="the metadata names 1.1.0; 1.2.0 is out",
    named="1.1.0",
    newest="1.2.0",
    missing=("1.2.0",),
)
POLICY = Policy()


def firing(**changes: object):
    pending = lifecycle.opened(FINDING, START)
    return replace(lifecycle.fired(pending, after(hours=2), None, POLICY), **changes)


def test_what_is_known_late_fires_when_it_is_known() -> None:
    assert lifecycle.opened(FINDING, after(minutes=5)).fires_at == after(hours=2)
    assert lifecycle.opened(FINDING, after(hours=9)).fires_at == after(hours=9)


def test_a_pending_alert_takes_all_of_its_finding_and_a_firing_one_keeps_its_row() -> None:
    newer = replace(FINDING, newest="1.3.0", missing=("1.2.0", "1.3.0"))
    pending = lifecycle.followed(lifecycle.opened(FINDING, START), newer, after(hours=1))
    assert (pending.newest, pending.missing, pending.finding) == ("1.3.0", ("1.2.0", "1.3.0"), newer)
    fired = lifecycle.followed(firing(), newer, after(hours=3))
    assert (fired.newest, fired.missing, fired.finding) == ("1.2.0", ("1.2.0",), newer)
    assert fired.fired_for == ("1.2.0", "1.3.0")


def test_a_clock_that_turns_out_to_be_older_was_not_known_before() -> None:
    older = replace(FINDING, since=START - timedelta(hours=9), fires_at=START - timedelta(hours=7))
    alert = lifecycle.followed(lifecycle.opened(FINDING, START), older, after(minutes=30))
    assert (alert.known_at, alert.fires_at) == (after(minutes=30), after(minutes=30))


def test_a_finding_that_is_put_off_is_asked_for_anew() -> None:
    asked = replace(lifecycle.opened(FINDING, START), asked=2, asked_at=after(hours=2))
    later = replace(FINDING, since=after(hours=1), fires_at=after(hours=3))
    assert lifecycle.followed(asked, later, after(hours=2)).asked == 0
    same = replace(FINDING, newest="1.3.0")
    assert lifecycle.followed(asked, same, after(hours=2)).asked == 2


def test_only_behind_and_unlisted_become_critical() -> None:
    assert lifecycle.escalates_at(firing()) == after(hours=26)
    assert lifecycle.escalates_at(lifecycle.escalated(firing())) is None
    assert lifecycle.escalates_at(lifecycle.held(firing(), "99999999 is not listed")) is None
    pending = lifecycle.opened(replace(FINDING, check=CheckName.MALFORMED), START)
    assert lifecycle.escalates_at(pending) is None
    assert lifecycle.fired(pending, START, None, POLICY).critical_at is None


def test_held_twice_for_one_reason_is_held_once() -> None:
    alert = lifecycle.held(firing(), "99999999 is not listed")
    assert lifecycle.held(alert, "99999999 is not listed") is alert
    assert lifecycle.followed(alert, FINDING, after(hours=3)).held is None


def test_an_alert_that_is_over_has_no_finding() -> None:
    alert = lifecycle.resolved(lifecycle.held(firing(), "why"), after(hours=3))
    assert (alert.state, alert.resolved_at) == (AlertState.RESOLVED, after(hours=3))
    assert (alert.finding, alert.held) == (None, None)
    assert lifecycle.dropped(firing(), after(hours=3)).state is AlertState.DROPPED


OVER = lifecycle.resolved(firing(), after(hours=3))
RETURNS = [
    pytest.param(OVER, FINDING, 9, True, id="at the last moment"),
    pytest.param(OVER, FINDING, 10, False, id="at the instant at which its end is told"),
    pytest.param(OVER, replace(FINDING, missing=("1.2.0", "1.3.0")), 1, True, id="with another one"),
    pytest.param(OVER, replace(FINDING, missing=("1.3.0",)), 1, False, id="another one alone"),
    pytest.param(OVER, replace(FINDING, check=CheckName.UNLISTED), 1, False, id="another check"),
    pytest.param(replace(OVER, check=CheckName.UNLISTED), FINDING, 1, False, id="of another check"),
    pytest.param(firing(), FINDING, 1, False, id="it is not over"),
    pytest.param(lifecycle.dropped(firing(), after(hours=3)), FINDING, 1, False, id="it was dropped"),
]


@pytest.mark.parametrize(("alert", "finding", "minutes", "may"), RETURNS)
def test_a_behind_that_returns_soon_is_the_same_alert(alert, finding, minutes, may) -> None:
    now = after(hours=3, minutes=minutes)
    assert lifecycle.may_return(alert, finding, now, POLICY) is may


def test_what_returns_never_ended() -> None:
    alert = lifecycle.returned(OVER, FINDING, after(hours=3, minutes=5))
    assert (alert.state, alert.resolved_at, alert.finding) == (AlertState.FIRING, None, FINDING)
    assert alert.fired_at == after(hours=2)


def test_an_event_says_what_the_alert_says_unless_told_otherwise() -> None:
    alert = firing(id=17)
    event = lifecycle.event(EventKind.FIRED, alert, after(hours=2))
    assert (event.alert_id, event.check, event.sentence) == (17, CheckName.BEHIND, FINDING.sentence)
    assert lifecycle.event(EventKind.FIRED, alert, START, "because").sentence == "because"

"""Our own sight: when it is us that see nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from monitor import detector
from monitor.checks.blind import finding, is_blind
from monitor.model import (
    AlertState,
    CheckName,
    EventKind,
    Failure,
    Observation,
    Policy,
    Reading,
    Reason,
    Side,
)
from tests.looks import START, after

SILENT = Failure(reason=Reason.UNREACHABLE, sentence="no answer", answered=False)
NO_ROUTE = replace(SILENT, is_local=True)
BROKEN = Failure(reason=Reason.UNREACHABLE, sentence="answered 503")
FINE = Reading(releases=())


def looks(**outcomes: Reading | Failure) -> dict[str, Observation]:
    return {
        host: Observation(target="pbs", side=Side.METADATA, at=after(minutes=place), outcome=outcome)
        for place, (host, outcome) in enumerate(outcomes.items())
    }


BLIND = [
    pytest.param({"a": SILENT, "b": SILENT}, True, id="two hosts are silent"),
    pytest.param({"a": SILENT}, False, id="one host may be down itself"),
    pytest.param({"a": NO_ROUTE}, True, id="no route is ours"),
    pytest.param({"a": SILENT, "b": BROKEN}, False, id="a 503 proves us online"),
    pytest.param({"a": SILENT, "b": FINE}, False, id="an answer proves us online"),
    pytest.param({"a": SILENT, "b": SILENT, "other": FINE}, True, id="who is not configured does not count"),
    pytest.param({}, False, id="nobody was asked"),
]


@pytest.mark.parametrize(("outcomes", "blind"), BLIND)
def test_we_are_blind(outcomes: dict[str, Reading | Failure], blind: bool) -> None:
    assert is_blind(looks(**outcomes), ("a", "b")) is blind
    assert (finding(looks(**outcomes), ("a", "b"), after(hours=1)) is not None) is blind


def test_blindness_is_one_alert_that_fires_at_once_and_ends_with_any_answer() -> None:
    dark = looks(a=SILENT, b=SILENT)
    hosts, policy = ("a", "b"), Policy()
    step = detector.numbered(
        detector.blindness(detector.sight(), dark, hosts, after(minutes=1), policy), count(5)
    )
    (alert,) = step.state.alerts
    assert (alert.check, alert.since, alert.fired_at, alert.id) == (
        CheckName.BLIND,
        START,
        after(minutes=1),
        5,
    )
    assert [(event.kind, event.alert_id) for event in step.events] == [
        (EventKind.OPENED, None),
        (EventKind.FIRED, 5),
    ]
    assert detector.blindness(step.state, dark, hosts, after(minutes=2), policy) == detector.Step(
        state=step.state
    )
    light = detector.blindness(step.state, looks(a=SILENT, b=BROKEN), hosts, after(minutes=3), policy)
    assert light.state.alerts[0].state is AlertState.RESOLVED
    assert not detector.is_firing(light.state.alerts[0])
    again = detector.blindness(light.state, dark, hosts, after(minutes=4), policy)
    assert detector.is_firing(again.state.alerts[0])

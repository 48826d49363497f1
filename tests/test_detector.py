"""The founding incident through the detector alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from monitor import detector
from monitor.detector import Ask
from monitor.model import (
    CheckName,
    EventKind,
    Got,
    Observation,
    Policy,
    Reading,
    Release,
    Rules,
    Side,
    TargetState,
)

START = datetime(2024, 10, 16, 12, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2024, 10, 16, 15, 40, tzinfo=UTC)
OLD = Release(tag="20241008", version="20241008", published_at=datetime(2024, 10, 8, tzinfo=UTC))
NEW = Release(tag="20241016", version="20241016", published_at=PUBLISHED_AT)
RULES = Rules(target="pbs", policy=Policy(), started_at=START)


def look(side: Side, at: datetime, *releases: Release, confirm: bool = False) -> Observation:
    return Observation(
        target="pbs", side=side, at=at, outcome=Reading(releases=releases), got=Got(confirm=confirm)
    )


def play(state: TargetState, *looks: Observation) -> TargetState:
    for each in looks:
        state = detector.step(state, each, each.at, RULES).state
    return state


def drifting() -> TargetState:
    return play(
        TargetState(target="pbs"),
        look(Side.METADATA, START, OLD),
        look(Side.RELEASES, START, OLD),
        look(Side.RELEASES, PUBLISHED_AT, OLD, NEW),
    )


def test_the_metadata_names_an_old_release_and_the_alert_fires_to_the_second_once_it_is_confirmed() -> None:
    due_at = PUBLISHED_AT + timedelta(hours=2)
    state = drifting()
    step = detector.step(state, None, due_at, RULES)
    assert step.asks == (Ask(side=Side.METADATA, confirm=True), Ask(side=Side.RELEASES, confirm=True))
    assert not step.events
    looked_at = due_at + timedelta(seconds=2)
    state = play(step.state, look(Side.METADATA, looked_at, OLD, confirm=True))
    step = detector.step(state, look(Side.RELEASES, looked_at, OLD, NEW, confirm=True), looked_at, RULES)
    step = detector.numbered(step, count(17))
    (alert,) = step.state.alerts
    assert (alert.id, alert.check, alert.fired_at) == (17, CheckName.BEHIND, due_at)
    assert (alert.since, alert.named, alert.newest, alert.missing) == (
        PUBLISHED_AT,
        "20241008",
        "20241016",
        ("20241016",),
    )
    assert [(event.kind, event.alert_id, event.at) for event in step.events] == [
        (EventKind.FIRED, 17, due_at)
    ]

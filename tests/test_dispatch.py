"""Who is told of what, and when: one alert's life against what each receiver was last told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor import dispatch
from monitor.model import (
    Ack,
    Alert,
    AlertState,
    CheckName,
    Notification,
    Policy,
    Route,
    Severity,
    Silence,
    SinceClock,
    Source,
    Target,
    Told,
)

NAME = "python-build-standalone"
PUBLISHED_AT = datetime(2024, 10, 16, 15, 40, tzinfo=UTC)
FIRED_AT = PUBLISHED_AT + timedelta(hours=2)


def after(**span: float) -> datetime:
    """Return the instant this long after the alert has fired."""
    return FIRED_AT + timedelta(**span)


@dataclass
class World:
    """Everything that telling goes by; what is due is recorded as told when it is asked for."""

    alert: Alert
    receivers: Sequence[str] = ("chat",)
    routes: Sequence[Route] = ()
    acks: list[Ack] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    policy: Policy = Policy()
    told: Sequence[Told] = ()
    sent: list[Notification] = field(default_factory=list)

    def surroundings(self) -> dict:
        target = Target(
            name=NAME,
            metadata=Source(kind="json", spec=None),
            releases=Source(kind="github", spec=None),
            policy=self.policy,
            labels={"team": "toolchain"},
        )
        return {
            "alerts": [self.alert],
            "told": self.told,
            "acks": self.acks,
            "silences": self.silences,
            "routes": self.routes,
            "receivers": self.receivers,
            "targets": {NAME: target},
        }

    def queue(self, at: datetime) -> list[str]:
        """Record what is due as queued and return it as `receiver: reason`."""
        due = dispatch.due(now=at, **self.surroundings())
        self.told = dispatch.recorded(self.told, due)
        self.sent.extend(due)
        return [f"{one.receiver}: {one.reason}" for one in due]

    def deliver(self, at: datetime) -> None:
        self.told = [dispatch.delivered(one, at) if one.queued else one for one in self.told]

    def tell(self, at: datetime) -> list[str]:
        """As `queue`, and everything arrives at once."""
        said = self.queue(at)
        self.deliver(at)
        return said

    def next_at(self, at: datetime) -> datetime | None:
        return dispatch.next_at(now=at, **self.surroundings())

    def resolve(self, at: datetime) -> None:
        self.alert = replace(self.alert, state=AlertState.RESOLVED, resolved_at=at, finding=None)


@pytest.fixture
def world() -> World:
    return World(
        Alert(
            id=17,
            check=CheckName.BEHIND,
            target=NAME,
            state=AlertState.FIRING,
            severity=Severity.WARNING,
            since=PUBLISHED_AT,
            since_is=SinceClock.PUBLISHED,
            known_at=PUBLISHED_AT,
            fires_at=FIRED_AT,
            fired_at=FIRED_AT,
            critical_at=FIRED_AT + timedelta(hours=24),
            named="20241008",
            newest="20241016",
            missing=("20241016",),
        )
    )


def test_an_alert_that_fires_is_told_once(world):
    assert world.tell(after()) == ["chat: first"]
    assert world.tell(after(minutes=1)) == []


def test_the_end_is_told_once_it_has_lasted_as_long_as_flapping_may(world):
    world.tell(after())
    world.resolve(after(hours=4))
    assert world.tell(after(hours=4, minutes=9, seconds=59)) == []
    assert world.next_at(after(hours=4, minutes=9, seconds=59)) == after(hours=4, minutes=10)
    assert world.tell(after(hours=4, minutes=10)) == ["chat: resolved"]
    assert world.tell(after(hours=5)) == []


def test_the_end_is_not_told_to_who_was_not_told_of_the_beginning(world):
    world.resolve(after(hours=4))
    assert world.tell(after(hours=5)) == []

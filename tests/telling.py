"""A world in which one alert is told: what `dispatch` is asked with, and what has come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor import dispatch, silences
from monitor.model import (
    Ack,
    Alert,
    AlertState,
    CheckName,
    Finding,
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
POLICY = Policy()


def after(**span: float) -> datetime:
    """Return the instant this long after the alert has fired."""
    return FIRED_AT + timedelta(**span)


def behind(**clocks: datetime) -> Finding:
    """Return the finding that these tags are missing, each with its clock; a `v` in front is dropped."""
    clocks = clocks or {"v20241016": PUBLISHED_AT}
    tags = [tag.removeprefix("v") for tag in clocks]
    return Finding(
        check=CheckName.BEHIND,
        target=NAME,
        since=min(clocks.values()),
        since_is=SinceClock.PUBLISHED,
        fires_at=min(clocks.values()) + POLICY.threshold,
        severity=Severity.WARNING,
        sentence="20241016 is out",
        named="20241008",
        newest=tags[-1],
        missing=tuple(tags),
        missing_since=tuple(clocks.values()),
    )


def firing(**changes: Any) -> Alert:
    """Return the alert of the founding incident, as it fires."""
    alert = Alert(
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
        critical_at=FIRED_AT + POLICY.critical_after,
        named="20241008",
        newest="20241016",
        missing=("20241016",),
        fired_for=("20241016",),
        finding=behind(),
    )
    return replace(alert, **changes)


def target_of(policy: Policy = POLICY) -> Target:
    """Return the pair that the alert is about."""
    return Target(
        name=NAME,
        metadata=Source(kind="json", spec=None),
        releases=Source(kind="github", spec=None),
        policy=policy,
        labels={"team": "toolchain"},
    )


@dataclass
class World:
    """Everything that telling goes by; what is found due is recorded as told."""

    alert: Alert = field(default_factory=firing)
    receivers: Sequence[str] = ("chat",)
    routes: Sequence[Route] = ()
    acks: list[Ack] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    policy: Policy = POLICY
    told: Sequence[Told] = ()
    sent: list[Notification] = field(default_factory=list)
    is_watched: bool = True

    def surroundings(self) -> dict[str, Any]:
        return {
            "alerts": [self.alert],
            "told": self.told,
            "acks": self.acks,
            "silences": self.silences,
            "routes": self.routes,
            "receivers": self.receivers,
            "targets": {NAME: target_of(self.policy)} if self.is_watched else {},
        }

    def due(self, at: datetime) -> tuple[Notification, ...]:
        return dispatch.due(now=at, **self.surroundings())

    def next_at(self, at: datetime) -> datetime | None:
        return dispatch.next_at(now=at, **self.surroundings())

    def queue(self, at: datetime) -> list[str]:
        """Record what is due as queued and return it as `receiver: reason`."""
        due = self.due(at)
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

    def play(self, until: datetime, start: datetime = FIRED_AT) -> list[tuple[datetime, str]]:
        """Tell at `start` and then whenever something may be due; return what was told when."""
        at: datetime | None = start
        story: list[tuple[datetime, str]] = []
        while at is not None and at <= until:
            story += [(at, said) for said in self.tell(at)]
            at = self.next_at(at)
        return story

    def change(self, **changes: Any) -> None:
        self.alert = replace(self.alert, **changes)

    def resolve(self, at: datetime) -> None:
        self.change(state=AlertState.RESOLVED, resolved_at=at, finding=None)

    def come_back(self) -> None:
        self.change(state=AlertState.FIRING, resolved_at=None, finding=behind())

    def drop(self) -> None:
        self.change(state=AlertState.DROPPED, finding=None)
        self.is_watched = False

    def escalate(self) -> None:
        self.change(severity=Severity.CRITICAL)

    def ack(self, at: datetime) -> None:
        self.acks.append(silences.ack_of(self.alert, at=at, who="ada"))

    def silence(self, start: datetime, end: datetime) -> None:
        self.silences.append(Silence(id=1, from_at=start, until_at=end, who="ada"))

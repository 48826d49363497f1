"""One target looked at by hand: what each look makes of its state."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from monitor import detector
from monitor.detector import Ask, Step
from monitor.model import (
    Alert,
    CheckName,
    Event,
    Failure,
    Got,
    Observation,
    Policy,
    Reading,
    Reason,
    Release,
    Rules,
    Side,
    TargetState,
)

START = datetime(2024, 10, 16, 12, 0, tzinfo=UTC)
LONG_AGO = START - timedelta(days=30)
DOWN = Failure(reason=Reason.UNREACHABLE, sentence="answered 503")
MALFORMED = Failure(reason=Reason.MALFORMED, sentence="there is no version in the answer")


def after(**span: float) -> datetime:
    """Return the instant this long after the start."""
    return START + timedelta(**span)


def release(tag: str, published_at: datetime | None = LONG_AGO, **facts: Any) -> Release:
    return Release(tag=tag, version=tag.removeprefix("v"), published_at=published_at, **facts)


@dataclass
class Watched:
    """A target, and what has come of the looks at it so far."""

    policy: Policy = field(default_factory=Policy)
    state: TargetState = field(default_factory=lambda: TargetState(target="pbs"))
    rules: Rules | None = None
    events: list[Event] = field(default_factory=list)
    asks: tuple[Ask, ...] = ()
    next_at: datetime | None = None

    def __post_init__(self) -> None:
        self.rules = self.rules or Rules(target="pbs", policy=self.policy, started_at=START)
        self.ids = count(1)

    def under(self, **changes: Any) -> None:
        """Go on under other rules."""
        assert self.rules is not None
        self.rules = replace(self.rules, **changes)

    def named(self, at: datetime, *versions: str, confirm: bool = False) -> Step:
        releases = tuple(Release(tag=version, version=version) for version in versions)
        return self.look(Side.METADATA, at, Reading(releases=releases), confirm=confirm)

    def listed(
        self, at: datetime, *releases: Release, confirm: bool = False, newest: int | None = None
    ) -> Step:
        reading = Reading(releases=releases, newest=newest)
        return self.look(Side.RELEASES, at, reading, confirm=confirm)

    def failed(self, at: datetime, side: Side, failure: Failure = DOWN, *, confirm: bool = False) -> Step:
        return self.look(side, at, failure, confirm=confirm)

    def look(self, side: Side, at: datetime, outcome: Reading | Failure, *, confirm: bool = False) -> Step:
        got = Got(confirm=confirm)
        return self._keep(Observation(target="pbs", side=side, at=at, outcome=outcome, got=got), at)

    def wait(self, until: datetime) -> Step:
        return self._keep(None, until)

    def _keep(self, observation: Observation | None, at: datetime) -> Step:
        assert self.rules is not None
        step = detector.numbered(detector.step(self.state, observation, at, self.rules), self.ids)
        self.state, self.asks, self.next_at = step.state, step.asks, step.next_at
        self.events += step.events
        return step

    def alert(self, check: CheckName = CheckName.BEHIND) -> Alert | None:
        """Return the last alert of this check."""
        return next((alert for alert in reversed(self.state.alerts) if alert.check is check), None)


OLD, NEW = release("1.1.0"), release("1.2.0", after(minutes=30))
LIST = Reading(releases=(OLD,))
NAMES = Reading(releases=(Release(tag="1.1.0", version="1.1.0"),))


def seen(side: Side, at: datetime, outcome: Reading, **got: Any) -> Observation:
    """Return one look at this side."""
    return Observation(target="pbs", side=side, at=at, outcome=outcome, got=Got(**got))

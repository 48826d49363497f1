"""Whether we can see at all: our own outage is one alert, and holds all others."""

from __future__ import annotations

import asyncio
from datetime import datetime

from monitor import detector
from monitor.detector import Step
from monitor.model import Failure, Observation, Policy, TargetState

NAME = detector.sight().target
"""What stands for all targets; no configured target can be called so."""


class Sight:
    """The last look at each configured host, and what they say of ourselves; `lock` is held to change it."""

    def __init__(self) -> None:
        self.state: TargetState = detector.sight()
        self.lock = asyncio.Lock()
        self._looks: dict[str, Observation] = {}

    @property
    def is_blind(self) -> bool:
        """Whether nothing that we see counts."""
        return any(detector.is_firing(alert) for alert in self.state.alerts)

    @property
    def blind_since(self) -> datetime | None:
        """When we stopped seeing, None while we see."""
        firing = [alert.since for alert in self.state.alerts if detector.is_firing(alert)]
        return min(firing, default=None)

    def note(self, observation: Observation) -> None:
        """Take in one look; one that never touched the network (a host that is held) says nothing of it."""
        if observation.got.attempts == 0:
            return
        for host in observation.got.hosts:
            self._looks[host] = observation

    def may_change(self, observation: Observation) -> bool:
        """Whether this look can begin or end our blindness; most are not worth judging."""
        outcome = observation.outcome
        return self.is_blind or (isinstance(outcome, Failure) and not outcome.answered)

    def forget_hosts(self) -> None:
        """Begin anew: the configuration has changed."""
        self._looks.clear()

    def _can_tell(self) -> bool:
        """Whether enough was asked since the start to end what was begun before it."""
        outcomes = [look.outcome for look in self._looks.values()]
        answered = any(not isinstance(outcome, Failure) or outcome.answered for outcome in outcomes)
        return answered or len(outcomes) > 1

    def judged(self, now: datetime, policy: Policy) -> Step:
        """Return what the looks make of our sight."""
        if self.is_blind and not self._can_tell():
            return Step(state=self.state)
        return detector.blindness(self.state, self._looks, tuple(self._looks), now, policy)

"""The runner `detector`: a scenario through the pure heart, with nothing between it and the file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from monitor import detector
from monitor.config.durations import parse_duration
from monitor.detector import Ask, Step
from monitor.model import Alert, Got, Observation, Policy, Rules, Side, TargetState
from tests.scenarios.reading import Happening, Scenario, policy_of
from tests.scenarios.telling import Telling
from tests.scenarios.world import World

ZERO = timedelta(0)
SIDES = (Side.METADATA, Side.RELEASES)


@dataclass
class Heart:
    """A scenario being played. `offset` is what the daemon's clock is ahead of the true time."""

    scenario: Scenario
    takes_the_short_way: bool = True
    world: World = field(default_factory=World)
    offset: timedelta = ZERO

    def __post_init__(self) -> None:
        scenario = self.scenario
        self.state = TargetState(target=scenario.target)
        self.sight = detector.sight()
        self.rules = Rules(target=scenario.target, policy=scenario.policy, interval=scenario.interval)
        self.telling = Telling(scenario.target, scenario.policy, scenario.receivers)
        self.ids = count(1)
        self.looks: dict[str, Observation] = {}
        self.is_up = False
        self.stopped_at: datetime | None = None
        self.looks_at: datetime | None = None
        self.wakes_at: datetime | None = None
        self.tells_at: datetime | None = None

    # --- time ----------------------------------------------------------------------------------

    def play(self) -> Heart:
        """Play it all."""
        left = list(self.scenario.happenings)
        now = self.scenario.start
        while now <= self.scenario.end:
            while left and left[0].time <= now:
                self._happen(left.pop(0), now)
            if now == self.scenario.start:
                self._start(now)
            if self.is_up:
                self._live(now)
            now = self._next(left, now)
        return self

    def _next(self, left: list[Happening], now: datetime) -> datetime:
        ahead = [happening.time for happening in left[:1]]
        if self.is_up:
            # Deadlines are by the daemon's clock, looks by one that never steps.
            deadlines = (self.wakes_at, self.tells_at)
            ahead += [max(at - self.offset, now) for at in deadlines if at is not None]
            ahead += [self.looks_at] if self.looks_at is not None else []
        moment = timedelta(microseconds=1)
        return max(min(ahead, default=self.scenario.end + moment), now + moment)

    def _live(self, now: datetime) -> None:
        clock = now + self.offset
        if self.wakes_at is not None and self.wakes_at <= clock:
            self._keep(detector.step(self.state, None, clock, self.rules), now)
        if self.looks_at is not None and self.looks_at <= now:
            self.looks_at = now + self.scenario.interval
            for side in SIDES:
                self._look(side, now)
        self._tell(now)

    def _tell(self, now: datetime) -> None:
        self.telling.note([*self.state.alerts, *self.sight.alerts])
        self.tells_at = self.telling.tell(now + self.offset)

    # --- looks ---------------------------------------------------------------------------------

    def _look(self, side: Side, now: datetime, ask: Ask | None = None) -> None:
        age = self.world.cache_age_for if side is Side.METADATA else None
        observation = Observation(
            target=self.state.target,
            side=side,
            at=now + self.offset,
            outcome=self.world.answer(side),
            got=Got(confirm=ask is not None and ask.confirm, hosts=(side.value,), cache_age_for=age),
        )
        short = detector.touched(self.state, observation) if self.takes_the_short_way else None
        if short is not None:
            self.state = short
        else:
            self._keep(detector.step(self.state, observation, observation.at, self.rules), now)
        self._see(observation, now)

    def _keep(self, step: Step, now: datetime) -> None:
        step = detector.numbered(step, self.ids)
        self.state, self.wakes_at = step.state, step.next_at
        self._tell(now)
        for ask in step.asks:
            self._look(ask.side, now, ask)

    def _see(self, observation: Observation, now: datetime) -> None:
        self.looks[observation.got.hosts[0]] = observation
        before, at = self.sight, observation.at
        step = detector.blindness(before, self.looks, tuple(self.looks), at, self.rules.policy)
        self.sight = detector.numbered(step, self.ids).state
        is_blind = any(detector.is_firing(alert) for alert in self.sight.alerts)
        if is_blind == self.rules.is_blind:
            return
        self.rules = replace(self.rules, is_blind=is_blind)
        if not is_blind:
            self.state = detector.resumed(self.state, before.alerts[0].since, at)
            self.rules = replace(self.rules, started_at=at)
        self._keep(detector.step(self.state, None, at, self.rules), now)

    # --- what happens --------------------------------------------------------------------------

    def _happen(self, happening: Happening, now: datetime) -> None:
        what = happening.what
        self.world.happen(what, happening.time)
        if "clock" in what:
            self.offset = what["clock"] - now
            self._keep(detector.step(self.state, None, now + self.offset, self.rules), now)
        if "daemon" in what:
            (self._start if what["daemon"] == "start" else self._stop)(now)
        self._reconfigure(what, now)
        if "ack" in what:
            self.telling.ack(what["ack"], now + self.offset)
        if "silence" in what:
            clock = now + self.offset
            self.telling.silence(clock, clock + parse_duration(what["silence"]["for"]))

    def _start(self, now: datetime) -> None:
        clock = now + self.offset
        self.is_up, self.looks_at = True, now
        if self.stopped_at is not None:
            self.state = detector.resumed(self.state, self.stopped_at, clock)
        self.rules = replace(self.rules, started_at=clock)
        self._keep(detector.step(self.state, None, clock, self.rules), now)

    def _stop(self, now: datetime) -> None:
        self.is_up, self.stopped_at = False, now + self.offset
        self.state = replace(self.state, memo=None)
        self.looks = {}

    def _reconfigure(self, what: Any, now: datetime) -> None:
        clock = now + self.offset
        if "policy" in what:
            self._use(policy_of(what["policy"], self.rules.policy), now)
        if "source" in what:
            sides = {Side(name) for name in what["source"]}
            self.state = detector.reconfigured(self.state, sides, scheme_changed=False)
            self.looks_at = now
        if "rename" in what:
            self.state = detector.renamed(self.state, what["rename"])
            self.rules = replace(self.rules, target=what["rename"])
            self.telling.target = what["rename"]
        if "receivers" in what:
            self.telling.receivers = tuple(what["receivers"])
        if "remove" in what:
            self.looks_at, self.telling.is_watched = None, False
            self._keep(detector.dropped(self.state, clock), now)

    def _use(self, policy: Policy, now: datetime) -> None:
        clock = now + self.offset
        if policy.scheme != self.rules.policy.scheme:
            self.state = detector.reconfigured(self.state, (), scheme_changed=True)
            self.looks_at = now
        self.rules = replace(self.rules, policy=policy, policy_at=clock)
        self.telling.policy = policy
        self._keep(detector.step(self.state, None, clock, self.rules), now)

    @property
    def alerts(self) -> list[Alert]:
        """Every alert that has fired, as it is at the end."""
        return sorted(self.telling.alerts.values(), key=lambda alert: (alert.fired_at, alert.check))

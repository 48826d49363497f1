"""The runner `backtest`, in short: a scenario as the history that a project would leave of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from monitor import detector
from monitor.detector import Step
from monitor.model import Alert, Observation, Rules, Side, TargetState
from tests.scenarios.reading import Scenario
from tests.scenarios.telling import Telling
from tests.scenarios.world import World


class History:
    """A scenario being replayed: no daemon, no polls, no second look."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.rules = Rules(
            target=scenario.target, policy=scenario.policy, interval=scenario.interval, second_look=False
        )
        self.telling = Telling(scenario.target, scenario.policy, scenario.receivers)
        self.state = TargetState(target=scenario.target)
        self.world = World()
        self.ids = count(1)
        self.spoken: set[Side] = set()
        self.wakes_at: datetime | None = None
        self.tells_at: datetime | None = None

    def play(self) -> History:
        """Replay it all."""
        rows = dict.fromkeys(happening.time for happening in self.scenario.happenings)
        self._before()
        for at in rows:
            self._pass(at)
            for happening in self.scenario.happenings:
                if happening.time == at:
                    self.spoken |= self.world.happen(happening.what, at)
            self._look(at)
        self._pass(self.scenario.end + timedelta(microseconds=1))
        return self

    def _before(self) -> None:
        """Let what is out at the start come at its publication, as its rows would."""
        for table in self.scenario.happenings[0].what["releases"].get("list", ()):
            self.world.happen({"publish": table}, table["published"])
            self.spoken.add(Side.RELEASES)
            self._look(table["published"])

    def _look(self, at: datetime) -> None:
        looks = [
            Observation(target=self.state.target, side=side, at=at, outcome=self.world.answer(side))
            for side in sorted(self.spoken)
        ]
        self._keep(detector.together(self.state, looks, at, self.rules), at)

    def _pass(self, until: datetime) -> None:
        """Let everything happen that is due before then."""
        while (due := min((at for at in (self.wakes_at, self.tells_at) if at), default=until)) < until:
            if due == self.wakes_at:
                self._keep(detector.step(self.state, None, due, self.rules), due)
            else:
                self.tells_at = self.telling.tell(due)

    def _keep(self, step: Step, at: datetime) -> None:
        step = detector.numbered(step, self.ids)
        self.state, self.wakes_at = step.state, step.next_at
        self.telling.note(self.state.alerts)
        self.tells_at = self.telling.tell(at)

    @property
    def alerts(self) -> list[Alert]:
        """Every alert that has fired, as it is at the end."""
        return sorted(self.telling.alerts.values(), key=lambda alert: (alert.fired_at, alert.check))

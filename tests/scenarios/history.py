"""The runner `backtest`: a scenario as the history that a project leaves of it, through `monitor.replay`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from monitor.model import Alert, Observation, Side, Source, Target
from monitor.replay import Moment, Replay, play
from tests.scenarios.reading import Scenario
from tests.scenarios.world import World

UNKNOWN = Source(kind="history", spec=None)


class History:
    """A scenario replayed: no daemon, no polls, no second look."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.world = World()
        self.spoken: set[Side] = set()
        target = Target(
            name=scenario.target,
            metadata=UNKNOWN,
            releases=UNKNOWN,
            policy=scenario.policy,
            interval=scenario.interval,
        )
        self.replay: Replay = play(
            self.moments(), target, until_at=scenario.end, receivers=scenario.receivers
        )

    def moments(self) -> Iterator[Moment]:
        """Yield what there is to see whenever something changes; what is out at the start came before it."""
        for table in self.scenario.happenings[0].what["releases"].get("list", ()):
            self.world.happen({"publish": table}, table["published"])
            self.spoken.add(Side.RELEASES)
            yield self._moment(table["published"])
        for at in dict.fromkeys(happening.time for happening in self.scenario.happenings):
            for happening in self.scenario.happenings:
                if happening.time == at:
                    self.spoken |= self.world.happen(happening.what, at)
            yield self._moment(at)

    def _moment(self, at: datetime) -> Moment:
        name = self.scenario.target
        looks = (
            Observation(target=name, side=side, at=at, outcome=self.world.answer(side))
            for side in sorted(self.spoken)
        )
        return Moment(at=at, looks=tuple(looks))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert that has fired, as it is at the end."""
        return self.replay.alerts

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every message, in the words of a scenario."""
        return [
            {
                "at": each.at,
                "receiver": each.receiver,
                "reason": each.reason.value,
                "check": each.check.value,
            }
            for each in self.replay.messages
        ]

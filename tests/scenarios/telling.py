"""What a scenario's receivers are told, by `dispatch` alone: what is due is delivered at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor import dispatch, silences
from monitor.model import Ack, Alert, AlertState, Policy, Silence, Source, Target, Told


@dataclass
class Telling:
    """Who was told what."""

    target: str
    policy: Policy
    receivers: tuple[str, ...]
    is_watched: bool = True
    alerts: dict[int, Alert] = field(default_factory=dict)
    told: Sequence[Told] = ()
    acks: list[Ack] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def note(self, alerts: Sequence[Alert]) -> None:
        """Take in the alerts as they are now."""
        self.alerts.update({alert.id: alert for alert in alerts if alert.id is not None})

    def tell(self, now: datetime) -> datetime | None:
        """Tell what is due, and return when more may be."""
        due = dispatch.due(now=now, told=self.told, **self._surroundings())
        queued = dispatch.recorded(self.told, due)
        self.told = [dispatch.delivered(one, now) if one.queued else one for one in queued]
        self.sent += [
            {"at": now, "receiver": one.receiver, "reason": one.reason.value, "check": one.check.value}
            for one in due
        ]
        return dispatch.next_at(now=now, told=self.told, **self._surroundings())

    def ack(self, check: str, now: datetime) -> None:
        (alert,) = (
            each for each in self.alerts.values() if each.check == check and each.state is AlertState.FIRING
        )
        self.acks.append(silences.ack_of(alert, at=now, who="ada"))

    def silence(self, now: datetime, until_at: datetime) -> None:
        self.silences.append(Silence(id=1, from_at=now, until_at=until_at, who="ada", target=self.target))

    def _surroundings(self) -> dict[str, Any]:
        target = Target(
            name=self.target,
            metadata=Source(kind="json", spec=None),
            releases=Source(kind="json", spec=None),
            policy=self.policy,
        )
        return {
            "alerts": list(self.alerts.values()),
            "acks": self.acks,
            "silences": self.silences,
            "routes": (),
            "receivers": self.receivers,
            "targets": {self.target: target} if self.is_watched else {},
        }

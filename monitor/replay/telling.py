"""What would have been told: `dispatch` decides, and every message arrives at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor import dispatch
from monitor.model import Ack, Alert, AlertState, Notification, Silence, Target, TellReason, Told

YOU = "you"
"""The one receiver of a history that names none."""

_OVER = frozenset({AlertState.RESOLVED, AlertState.DROPPED})
_ENDS = frozenset({TellReason.RESOLVED, TellReason.DROPPED})


@dataclass(slots=True, kw_only=True)
class Telling:
    """Every alert that has fired as it is now, and every message."""

    target: Target
    receivers: tuple[str, ...] = (YOU,)
    acks: Sequence[Ack] = ()
    silences: Sequence[Silence] = ()
    alerts: dict[int, Alert] = field(default_factory=dict)
    sent: list[Notification] = field(default_factory=list)
    _live: dict[int, Alert] = field(default_factory=dict)
    _told: Sequence[Told] = ()

    def note(self, alerts: Sequence[Alert]) -> None:
        """Take in the alerts as they are now."""
        for alert in alerts:
            if alert.id is not None and self.alerts.get(alert.id) is not alert:
                self.alerts[alert.id] = self._live[alert.id] = alert

    def tell(self, now: datetime) -> datetime | None:
        """Tell what is due, and return when more may be."""
        if not self._live:
            return None
        around: dict[str, Any] = {
            "alerts": tuple(self._live.values()),
            "acks": self.acks,
            "silences": self.silences,
            "routes": (),
            "receivers": self.receivers,
            "targets": {self.target.name: self.target},
            "now": now,
        }
        due = dispatch.due(told=self._told, **around)
        queued = dispatch.recorded(self._told, due)
        self._told = [dispatch.delivered(one, now) if one.queued else one for one in queued]
        self.sent += due
        next_at = dispatch.next_at(told=self._told, **around)
        self._forget()
        return next_at

    def _forget(self) -> None:
        """Let go of what is over and has been told to the end: a history may be long."""
        untold = {one.alert_id for one in self._told if one.reason not in _ENDS}
        over = [
            number for number, alert in self._live.items() if alert.state in _OVER and number not in untold
        ]
        for number in over:
            del self._live[number]
        if over:
            self._told = [one for one in self._told if one.alert_id in self._live]

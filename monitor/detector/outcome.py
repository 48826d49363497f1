"""What a step gives: the new state, what happened, which looks are wanted, and when to come again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.model import Alert, AlertState, Event, EventKind, Side, TargetState

_OF_FIRED = frozenset(
    {EventKind.FIRED, EventKind.ESCALATED, EventKind.RESOLVED, EventKind.RETURNED, EventKind.DROPPED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A look that is wanted now, unconditional; `confirm` marks the second look before an alert fires."""

    side: Side
    confirm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step of the detector gives.

    `next_at` is the next instant at which a step without an observation could change anything, None where
    only a look can. Alerts that have just fired have no number; `numbered` gives them one.
    """

    state: TargetState
    events: tuple[Event, ...] = ()
    asks: tuple[Ask, ...] = ()
    next_at: datetime | None = None


def numbered(step: Step, ids: Iterator[int]) -> Step:
    """Return the step in which every alert that has fired has a number, and its events too."""
    new = [alert for alert in step.state.alerts if alert.id is None and alert.fired_at is not None]
    if not new:
        return step
    given = {id(alert): replace(alert, id=next(ids)) for alert in new}
    alerts = tuple(given.get(id(alert), alert) for alert in step.state.alerts)
    events = tuple(_with_number(event, tuple(given.values())) for event in step.events)
    return replace(step, state=replace(step.state, alerts=alerts), events=events)


def is_firing(alert: Alert) -> bool:
    """Return whether the alert fires."""
    return alert.state is AlertState.FIRING


def _with_number(event: Event, alerts: tuple[Alert, ...]) -> Event:
    if event.alert_id is not None or event.kind not in _OF_FIRED:
        return event
    for alert in alerts:
        is_of = (alert.check, alert.side) == (event.check, event.side)
        if is_of and alert.fired_at is not None and event.at >= alert.fired_at:
            return replace(event, alert_id=alert.id)
    return event

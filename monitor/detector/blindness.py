"""Our own sight: one alert for all targets while no host answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from monitor import lifecycle
from monitor.checks import blind
from monitor.detector.outcome import Step
from monitor.model import AlertState, EventKind, Observation, Policy, TargetState


def sight() -> TargetState:
    """Return the state that remembers our own sight; it is nobody's target."""
    return TargetState(target=blind.EVERYBODY)


def blindness(
    previous: TargetState,
    last_looks: Mapping[str, Observation],
    configured_hosts: Collection[str],
    now: datetime,
    policy: Policy,
) -> Step:
    """Return what the last looks, by host, make of the `blind` alert: fired at once, over at any answer."""
    finding = blind.finding(last_looks, configured_hosts, now)
    firing = [alert for alert in previous.alerts if alert.state is AlertState.FIRING]
    if finding is not None and not firing:
        alert = lifecycle.fired(lifecycle.opened(finding, now), now, None, policy)
        events = tuple(lifecycle.event(kind, alert, now) for kind in (EventKind.OPENED, EventKind.FIRED))
        return Step(state=replace(previous, alerts=(alert,)), events=events)
    if finding is None and firing:
        alert = lifecycle.resolved(firing[0], now)
        return Step(
            state=replace(previous, alerts=(alert,)),
            events=(lifecycle.event(EventKind.RESOLVED, alert, now),),
        )
    return Step(state=previous)

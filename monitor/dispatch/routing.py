"""Which receivers an alert is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.model import Alert, Route, Severity


def matches(route: Route, alert: Alert, labels: Mapping[str, str]) -> bool:
    """Return whether every matcher of the route that is set matches."""
    if route.severities and alert.severity not in route.severities:
        return False
    if route.checks and alert.check not in route.checks:
        return False
    return all(labels.get(name) == value for name, value in route.labels.items())


def receivers_of(
    alert: Alert, labels: Mapping[str, str], routes: Sequence[Route], receivers: Sequence[str]
) -> tuple[str, ...]:
    """Return who is to be told, in the order of `receivers`; what matches no route goes to all."""
    wanted = {name for route in routes if matches(route, alert, labels) for name in route.receivers}
    if not any(matches(route, alert, labels) for route in routes):
        return tuple(receivers)
    return tuple(name for name in receivers if name in wanted)


def has_escalated(alert: Alert) -> bool:
    """Return whether it became critical after it had fired, rather than with it."""
    if alert.severity is not Severity.CRITICAL or alert.critical_at is None or alert.fired_at is None:
        return False
    return alert.critical_at > alert.fired_at


def as_fired(alert: Alert) -> Alert:
    """Return the alert with the severity that it fired with."""
    return replace(alert, severity=Severity.WARNING) if has_escalated(alert) else alert

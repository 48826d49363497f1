"""What came of a scenario beside what must: the same for every runner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.model import Alert

ALWAYS = ("check", "since", "since_is", "fired_at", "resolved_at", "named", "newest", "missing")


def facts(alert: Alert) -> dict[str, Any]:
    """Return the alert in the words of a scenario; what it has not is left out."""
    finding = alert.finding
    every = {
        "check": alert.check.value,
        "since": alert.since,
        "since_is": alert.since_is.value,
        "fired_at": alert.fired_at,
        "resolved_at": alert.resolved_at,
        "named": alert.named,
        "newest": alert.newest,
        "missing": list(alert.missing) or None,
        "side": None if alert.side is None else alert.side.value,
        "severity": alert.severity.value,
        "reason": alert.reason or None,
        "state": alert.state.value,
        "confirmed": None if alert.evidence is None else alert.evidence.confirmed,
        "held": alert.held is not None,
        "now_missing": list(finding.missing) if finding is not None else [],
    }
    return {key: value for key, value in every.items() if value is not None}


def alike(alerts: Sequence[Alert], wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the alerts with as many of their facts as the scenario speaks of."""
    shown = []
    for place, alert in enumerate(alerts):
        asked = set(wanted[place]) if place < len(wanted) else set()
        shown.append({key: value for key, value in facts(alert).items() if key in ALWAYS or key in asked})
    return shown

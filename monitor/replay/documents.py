"""What came of a history as JSON: the documented form, which other programs may rely on.

One threshold: `{"alerts": [ALERT, …]}`; several: `{"thresholds": [{"threshold": SECONDS, "alerts": […]}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.model import Alert
from monitor.replay.player import Replay


def instant(at: datetime | None) -> str | None:
    """Return the instant as `2024-02-26T03:18:47Z`."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def alert_of(alert: Alert) -> dict[str, Any]:
    """Return the alert as it was when it fired; only `resolved_at` came later."""
    return {
        "check": alert.check.value,
        "since": instant(alert.since),
        "since_is": alert.since_is.value,
        "fired_at": instant(alert.fired_at),
        "resolved_at": instant(alert.resolved_at),
        "named": alert.named,
        "newest": alert.newest,
        "missing": len(alert.missing),
    }


def document_of(replays: Sequence[Replay]) -> dict[str, Any]:
    """Return the document of one replay, or of several that differ in their threshold."""
    if len(replays) == 1:
        return _one(replays[0])
    return {
        "thresholds": [
            {"threshold": _seconds(replay.rules.policy.threshold.total_seconds()), **_one(replay)}
            for replay in replays
        ]
    }


def _one(replay: Replay) -> dict[str, Any]:
    return {"alerts": [alert_of(alert) for alert in replay.alerts]}


def _seconds(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds

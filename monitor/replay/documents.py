"""What came of a history as JSON: the documented form, which other programs may rely on.

One threshold: `{"alerts": [ALERT, …]}`; several: `{"thresholds": [{"threshold": SECONDS, "alerts": […]}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Alert, Notification
from monitor.replay.basis import basis
from monitor.replay.player import Replay
from monitor.replay.suggesting import Suggestion
from monitor.replay.summary import Summary, fired_from, sent_from, summary_of
from monitor.replay.tables import reason_of


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


def document_of(
    replays: Sequence[Replay], *, notes: Sequence[str] = (), from_at: datetime | None = None
) -> dict[str, Any]:
    """Return the document of one replay, or of several that differ in their threshold."""
    said = [*notes, *basis(replays[0])]
    if len(replays) == 1:
        return {**_one(replays[0], from_at), "notes": said}
    return {
        "thresholds": [
            {"threshold": seconds(replay.rules.policy.threshold), **_one(replay, from_at)}
            for replay in replays
        ],
        "notes": said,
    }


def _one(replay: Replay, from_at: datetime | None) -> dict[str, Any]:
    return {
        "alerts": [alert_of(alert) for alert in fired_from(replay.alerts, from_at)],
        "messages": [message_of(message) for message in sent_from(replay.messages, from_at)],
        "summary": summary_as_json(summary_of(replay, from_at)),
    }


def message_of(message: Notification) -> dict[str, Any]:
    """Return the message as it would have been sent."""
    return {
        "at": instant(message.at),
        "check": message.check.value,
        "reason": message.reason.value,
        "title": message.title,
        "body": message.body,
    }


def summary_as_json(summary: Summary) -> dict[str, Any]:
    """Return the figures; spans are seconds, `in_step` is a share from 0 to 1."""
    longest, lags = summary.longest, summary.lags
    return {
        "from": instant(summary.from_at),
        "until": instant(summary.until_at),
        "alerts": {check.value: count for check, count in summary.alerts.items()},
        "messages": summary.messages,
        "drifts": summary.drifts,
        "drift_seconds": seconds(summary.drift_for),
        "longest_drift": None
        if longest is None
        else {"since": instant(longest.from_at), "until": instant(longest.until_at)},
        "in_step": summary.in_step,
        "announced": lags.announced,
        "lag_seconds": {
            "min": seconds(lags.least_for),
            "median": seconds(lags.median_for),
            "p90": seconds(lags.p90_for),
            "p95": seconds(lags.p95_for),
            "max": seconds(lags.most_for),
        },
        "superseded": list(summary.superseded),
        "waiting": list(summary.waiting),
    }


def seconds(span: timedelta | None) -> int | float | None:
    """Return the span in seconds, whole where it is."""
    if span is None:
        return None
    count = span.total_seconds()
    return int(count) if count == int(count) else count


def suggestion_document(suggestion: Suggestion) -> dict[str, Any]:
    """Return the proposal and what it rests on; spans are seconds."""
    return {
        "threshold": seconds(suggestion.threshold),
        "founded": suggestion.is_founded,
        "told": suggestion.told,
        "watched_seconds": seconds(suggestion.watched_for),
        "announced": suggestion.announced,
        "announced_in_time": suggestion.in_time,
        "lag_p99_seconds": seconds(suggestion.p99_for),
        "reason": reason_of(suggestion),
    }

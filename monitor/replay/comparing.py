"""What another threshold would have told, and what it would have missed: the trade-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Alert, CheckName
from monitor.replay.player import Replay
from monitor.replay.summary import fired_from, sent_from

SOON = timedelta(hours=1)
"""A drift that ends by itself so soon after somebody was told need not have been told."""

INCIDENT_AFTER = timedelta(days=1)
"""A drift that lasts this long is one that somebody wants to hear of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A drift that lasted; `newest` was out when it was first told, `until_at` is None where it goes on."""

    since: datetime
    until_at: datetime | None
    lasted_for: timedelta
    newest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What one threshold comes to.

    `soon_over` counts `behind` alerts that ended within an hour of firing. `told_after` is, for each
    incident, how long after its beginning it would have been told, None where it would not.
    """

    threshold: timedelta
    behind: int
    others: int
    messages: int
    soon_over: int
    told_after: tuple[timedelta | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeOff:
    """Thresholds in rising order, and the incidents that they are measured by."""

    trades: tuple[Trade, ...]
    incidents: tuple[Incident, ...]


def trade_off(replays: Sequence[Replay], from_at: datetime | None = None) -> TradeOff:
    """Return what these replays of one history, which differ in their threshold, come to."""
    incidents = _incidents(min(replays, key=lambda replay: replay.rules.policy.threshold), from_at)
    trades = (_trade(replay, incidents, from_at) for replay in replays)
    return TradeOff(
        trades=tuple(sorted(trades, key=lambda trade: trade.threshold)), incidents=tuple(incidents)
    )


def _incidents(replay: Replay, from_at: datetime | None) -> list[Incident]:
    found = []
    for span in replay.drifts:
        until_at = span.until_at or replay.until_at
        if until_at - span.from_at < INCIDENT_AFTER or (from_at is not None and until_at < from_at):
            continue
        told = [alert for alert in replay.alerts if _is_of(alert, span.from_at, until_at)]
        found.append(
            Incident(
                since=span.from_at,
                until_at=span.until_at,
                lasted_for=until_at - span.from_at,
                newest=told[0].newest if told else None,
            )
        )
    return found


def _trade(replay: Replay, incidents: Sequence[Incident], from_at: datetime | None) -> Trade:
    fired = fired_from(replay.alerts, from_at)
    behind = [alert for alert in fired if alert.check is CheckName.BEHIND]
    return Trade(
        threshold=replay.rules.policy.threshold,
        behind=len(behind),
        others=len(fired) - len(behind),
        messages=len(sent_from(replay.messages, from_at)),
        soon_over=sum(is_soon_over(alert) for alert in behind),
        told_after=tuple(_told_after(incident, replay) for incident in incidents),
    )


def is_soon_over(alert: Alert) -> bool:
    """Return whether the alert ended so soon after it fired that it need not have been told."""
    if alert.fired_at is None or alert.resolved_at is None:
        return False
    return alert.resolved_at - alert.fired_at <= SOON


def _told_after(incident: Incident, replay: Replay) -> timedelta | None:
    until_at = incident.until_at or replay.until_at
    fired = [
        alert.fired_at
        for alert in replay.alerts
        if _is_of(alert, incident.since, until_at) and alert.fired_at is not None
    ]
    return min(fired) - incident.since if fired else None


def _is_of(alert: Alert, since: datetime, until_at: datetime) -> bool:
    if alert.check is not CheckName.BEHIND or alert.fired_at is None:
        return False
    return since <= alert.fired_at <= until_at

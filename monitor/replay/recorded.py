"""What a daemon recorded, summed up: its own alerts and messages, not those of a replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from monitor import detector
from monitor.config.flags import policy_with
from monitor.errors import ConfigError, ParseError
from monitor.model import Alert, CheckName, Event, EventKind, Notification, Policy, Rules, Side
from monitor.replay.player import Replay, Span
from monitor.replay.recording import versions_of
from monitor.store import Reader

_BEGINS = frozenset({EventKind.OPENED, EventKind.RETURNED})
_ENDS = frozenset({EventKind.RESOLVED, EventKind.DROPPED})
_DELIVERED = ("delivered",)


def record_of(reader: Reader, target: str) -> Replay | None:
    """Return what came of this target until its last look, as a replay; None where it was never looked at."""
    state = reader.state(target)
    until_at = None if state is None else detector.latest_look(state)
    if state is None or until_at is None:
        return None
    alerts = tuple(reversed(reader.alerts(target=target)))
    events = tuple(reversed(reader.events(target=target)))
    first = [state.side(side).first_good_at for side in Side]
    return Replay(
        rules=Rules(target=target, policy=_policy(reader, target)),
        alerts=alerts,
        messages=_messages(reader, alerts),
        events=events,
        drifts=tuple(_drifts(events, alerts)),
        state=state,
        known_at=max(first) if None not in first else None,  # type: ignore[type-var] # no None is left
        until_at=until_at,
        looks=0,
    )


def _messages(reader: Reader, alerts: Sequence[Alert]) -> tuple[Notification, ...]:
    ids = [alert.id for alert in alerts if alert.id is not None]
    if not ids:
        return ()
    rows = reader.deliveries(alert_ids=ids, states=_DELIVERED)
    return tuple(row.notification for row in reversed(rows))


def _drifts(events: Sequence[Event], alerts: Sequence[Alert]) -> Iterator[Span]:
    """Yield the times in which something was missing; those that were told begin as the alert says."""
    from_at: datetime | None = None
    for event in events:
        if event.check is not CheckName.BEHIND:
            continue
        if event.kind in _BEGINS:
            from_at = event.at if from_at is None else from_at
        elif event.kind in _ENDS and from_at is not None:
            yield Span(from_at=_since(from_at, event.at, alerts), until_at=event.at)
            from_at = None
    if from_at is not None:
        yield Span(from_at=_since(from_at, None, alerts))


def _since(from_at: datetime, until_at: datetime | None, alerts: Sequence[Alert]) -> datetime:
    told = (
        alert.since
        for alert in alerts
        if alert.check is CheckName.BEHIND
        and alert.fired_at is not None
        and from_at <= alert.fired_at
        and (until_at is None or alert.fired_at <= until_at)
    )
    return min((from_at, *told))


def _policy(reader: Reader, target: str) -> Policy:
    tables = [version.table for version in versions_of(reader, target) if version.table]
    table = tables[-1] if tables else {}
    keys = {each.name: table[each.name] for each in fields(Policy) if each.name in table}
    try:
        return policy_with(keys)
    except ConfigError:
        return Policy()


def must_have_any(records: Mapping[str, Replay], from_at: datetime | None) -> None:
    """Refuse a report of nothing.

    Raises:
        ParseError: no target was ever looked at, or only before `from_at` begins.
    """
    if not records:
        raise ParseError("the database has no look at any target yet")
    until_at = max(record.until_at for record in records.values())
    if from_at is not None and from_at > until_at:
        raise ParseError(f"the history ends at {until_at:%Y-%m-%d %H:%M} UTC, before {from_at:%Y-%m-%d}")

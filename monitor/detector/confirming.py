"""The second look: nothing that one answer alone has shown is told.

Before `behind` fires, both sides are fetched once more, unconditionally. Before `malformed` does, its side
is if nothing was read since it was first seen, and before `unlisted` does, both are if nothing was read since
its grace ended: looks may be hours apart, and what is named early comes out between two of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.detector.work import Work
from monitor.model import Alert, AlertState, CheckName, Evidence, Side, TargetState

TRIES = 3
GIVES_UP_AFTER = timedelta(minutes=5)
_TRIES_EVERY = GIVES_UP_AFTER / TRIES
_FRESH_FOR = timedelta(minutes=30)
_FRESH_INTERVALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The alert as the second look leaves it, and the evidence it fires on; None where it has to wait."""

    alert: Alert
    evidence: Evidence | None = None


def confirm(alert: Alert, work: Work) -> Confirmation:
    """Ask for a second look, or judge what it showed. The finding stands, and is due."""
    started_at = _started_at(work)
    if alert.asked_at is None or (started_at is not None and alert.asked_at < started_at):
        return _ask(replace(alert, asked=0, asked_at=work.now, waiting_at=None), work, frozenset(Side))
    unread = _unread(alert, work.state)
    if not unread:
        return Confirmation(alert=alert, evidence=_evidence(work, is_confirmed=True))
    if alert.waiting_at is not None:
        return _waited(alert, unread, work)
    if alert.asked < TRIES:
        is_due = work.now >= alert.asked_at + alert.asked * _TRIES_EVERY
        return _ask(alert, work, unread) if is_due else Confirmation(alert=alert)
    has_failed = bool(unread & work.failed)
    if not has_failed and work.now < alert.asked_at + GIVES_UP_AFTER:
        return Confirmation(alert=alert)
    return _unconfirmed(replace(alert, waiting_at=work.now), work)


def unseen(alert: Alert, work: Work) -> frozenset[Side]:
    """Return the sides of which no later look than the first has had its say on `malformed` or `unlisted`."""
    if alert.side is not None:
        seen_at = work.state.side(alert.side).malformed_last_at
        return frozenset(() if seen_at is not None and seen_at > alert.since else (alert.side,))
    read = {side: work.state.side(side).good_at for side in Side}
    return frozenset(
        side for side, at in read.items() if at is None or at <= alert.since or at < alert.fires_at
    )


def asked_again(alert: Alert, work: Work, sides: frozenset[Side]) -> Alert:
    """Ask for that look, three times in five minutes; after that the next one that comes will do."""
    started_at = _started_at(work)
    if alert.asked_at is None or (started_at is not None and alert.asked_at < started_at):
        alert = replace(alert, asked=0, asked_at=work.now)
    if alert.asked >= TRIES or work.now < (alert.asked_at or work.now) + alert.asked * _TRIES_EVERY:
        return alert
    return _ask(alert, work, sides).alert


def wakes_at(alert: Alert) -> datetime | None:
    """Return when the next try is due, or the last one given up; None where nothing but a look helps."""
    if alert.asked_at is None or alert.waiting_at is not None:
        return None
    return alert.asked_at + min(alert.asked * _TRIES_EVERY, GIVES_UP_AFTER)


def _started_at(work: Work) -> datetime | None:
    started_at = work.rules.started_at
    return None if started_at is None or started_at > work.now else started_at


def _ask(alert: Alert, work: Work, sides: frozenset[Side]) -> Confirmation:
    for side in sorted(sides):
        work.ask(side, confirm=True)
    return Confirmation(alert=replace(alert, asked=alert.asked + 1))


def _unread(alert: Alert, state: TargetState) -> frozenset[Side]:
    """Return the sides that were not read well since the second look was asked for.

    Once it could not be had, any good look will do.
    """
    is_waiting = alert.waiting_at is not None
    unread = set()
    for side in Side:
        remembered = state.side(side)
        read_at = remembered.good_at if is_waiting else remembered.confirmed_at
        if read_at is None or alert.asked_at is None or read_at < alert.asked_at:
            unread.add(side)
    return frozenset(unread)


def _unconfirmed(alert: Alert, work: Work) -> Confirmation:
    fresh_for = max(_FRESH_FOR, _FRESH_INTERVALS * work.rules.interval)
    read = [work.state.side(side).good_at for side in Side]
    if all(at is not None and work.now - at <= fresh_for for at in read):
        return Confirmation(alert=alert, evidence=_evidence(work, is_confirmed=False))
    return _waited(alert, _unread(alert, work.state), work)


def _waited(alert: Alert, unread: frozenset[Side], work: Work) -> Confirmation:
    """Fire once each side that is still unread is known to be out of reach."""
    out_of_reach = {
        other.side
        for other in work.state.alerts
        if other.check is CheckName.UNREACHABLE and other.state is AlertState.FIRING
    }
    evidence = _evidence(work, is_confirmed=False) if unread <= out_of_reach else None
    return Confirmation(alert=alert, evidence=evidence)


def _evidence(work: Work, *, is_confirmed: bool) -> Evidence:
    metadata, releases = work.state.metadata, work.state.releases_side
    ages = [side.cache_age_for for side in (metadata, releases) if side.cache_age_for is not None]
    return Evidence(
        at=work.now,
        confirmed=is_confirmed,
        metadata_read_at=metadata.good_at,
        releases_read_at=releases.good_at,
        cache_age_for=max(ages, default=None),
    )

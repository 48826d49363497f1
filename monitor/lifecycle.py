"""The life of an alert: pending, firing, resolved; and back, where it returns soon enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.model import (
    Alert,
    AlertState,
    CheckName,
    Event,
    EventKind,
    Evidence,
    Finding,
    Policy,
    Severity,
)

OPEN = frozenset({AlertState.PENDING, AlertState.FIRING})
ESCALATING = frozenset({CheckName.BEHIND, CheckName.UNLISTED})
"""The checks whose alerts become critical in time."""


def opened(finding: Finding, now: datetime) -> Alert:
    """Return the pending alert of a finding that is known since now."""
    return Alert(
        check=finding.check,
        target=finding.target,
        side=finding.side,
        state=AlertState.PENDING,
        severity=finding.severity,
        since=finding.since,
        since_is=finding.since_is,
        known_at=now,
        fires_at=max(finding.fires_at, now),
        named=finding.named,
        newest=finding.newest,
        missing=finding.missing,
        reason=finding.reason,
        sentence=finding.sentence,
        finding=finding,
    )


def followed(alert: Alert, finding: Finding, now: datetime) -> Alert:
    """Return the alert with today's finding: a pending one takes all of it, one that fires keeps its row."""
    if finding == alert.finding and alert.held is None:
        return alert
    if alert.state is AlertState.FIRING:
        fired_for = tuple(dict.fromkeys((*alert.fired_for, *finding.missing)))
        return replace(alert, finding=finding, fired_for=fired_for, held=None)
    # A clock that turns out to have begun earlier was not known before.
    known_at = now if finding.since < alert.since else alert.known_at
    fires_at = max(finding.fires_at, known_at)
    pending = replace(opened(finding, now), known_at=known_at, fires_at=fires_at)
    if fires_at > now:
        return pending
    return replace(pending, asked=alert.asked, asked_at=alert.asked_at, waiting_at=alert.waiting_at)


def fired(alert: Alert, at: datetime, evidence: Evidence | None, policy: Policy) -> Alert:
    """Return the alert as it fires; what it was about now stays in its row."""
    return replace(
        alert,
        state=AlertState.FIRING,
        fired_at=at,
        critical_at=at + policy.critical_after if alert.check in ESCALATING else None,
        fired_for=alert.missing,
        evidence=evidence,
        asked=0,
        asked_at=None,
        waiting_at=None,
    )


def escalated(alert: Alert) -> Alert:
    """Return the alert as a critical one."""
    return replace(alert, severity=Severity.CRITICAL)


def escalates_at(alert: Alert) -> datetime | None:
    """Return when a firing alert becomes critical; None where it never will, is already, or is held."""
    if alert.state is not AlertState.FIRING or alert.held is not None:
        return None
    return alert.critical_at if alert.severity is Severity.WARNING else None


def held(alert: Alert, why: str) -> Alert:
    """Return the alert as one that goes on although nothing is missing."""
    return alert if alert.held == why else replace(alert, held=why)


def resolved(alert: Alert, at: datetime) -> Alert:
    """Return the alert whose finding has ended."""
    return replace(alert, state=AlertState.RESOLVED, resolved_at=at, finding=None, held=None)


def dropped(alert: Alert, at: datetime) -> Alert:
    """Return the alert of a target that is no longer watched."""
    return replace(alert, state=AlertState.DROPPED, resolved_at=at)


def returned(alert: Alert, finding: Finding, now: datetime) -> Alert:
    """Return a resolved alert as one that fires again: it never ended."""
    return followed(replace(alert, state=AlertState.FIRING, resolved_at=None), finding, now)


def may_return(alert: Alert, finding: Finding, now: datetime, policy: Policy) -> bool:
    """Return whether this finding is a resolved `behind` come back, and not a new one."""
    if alert.check is not CheckName.BEHIND or finding.check is not CheckName.BEHIND:
        return False
    if alert.state is not AlertState.RESOLVED or alert.resolved_at is None:
        return False
    # At that very instant its end is told: what is told as over has ended.
    if now - alert.resolved_at >= policy.keep_firing_for:
        return False
    return not set(alert.fired_for).isdisjoint(finding.missing)


def event(kind: EventKind, alert: Alert, at: datetime, sentence: str = "") -> Event:
    """Return an edge in this alert's life."""
    return Event(
        kind=kind,
        target=alert.target,
        at=at,
        check=alert.check,
        side=alert.side,
        alert_id=alert.id,
        sentence=sentence or alert.sentence,
    )

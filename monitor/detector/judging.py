"""Judge what is remembered now: open, follow, fire, escalate, hold and resolve alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from monitor import lifecycle
from monitor.checks import checks
from monitor.checks.board import board_of, current_run, is_listed, named_of
from monitor.checks.unlisted import can_tell, is_accepted
from monitor.detector.confirming import asked_again, confirm, unseen, wakes_at
from monitor.detector.work import Work
from monitor.model import (
    Alert,
    AlertState,
    CheckName,
    EventKind,
    Evidence,
    Finding,
    Rules,
    Side,
    Switch,
    TargetState,
)

# The two sides' own troubles come first: `behind` asks whether one of them is known to be out of reach.
_ORDER = (
    CheckName.UNREACHABLE,
    CheckName.MALFORMED,
    CheckName.UNLISTED,
    CheckName.AMBIGUOUS,
    CheckName.BEHIND,
)
_OF_A_SIDE = frozenset({CheckName.UNREACHABLE, CheckName.MALFORMED})
_SEEN_TWICE = frozenset({CheckName.MALFORMED, CheckName.UNLISTED})


def judge(work: Work) -> None:
    """Judge every check, and put the alerts as they are now into the state."""
    for check in _ORDER:
        findings = {finding.side: finding for finding in checks()[check](work.state, work.now, work.rules)}
        for side in tuple(Side) if check in _OF_A_SIDE else (None,):
            _judge_one(work, check, side, findings.get(side))


def _judge_one(work: Work, check: CheckName, side: Side | None, finding: Finding | None) -> None:
    alert = _open(work.state, check, side)
    if alert is None:
        if finding is not None and _may_begin(work, check):
            _begin(work, finding)
        return
    if finding is None:
        if _may_end(work, check, side):
            _end(work, alert)
        else:
            _advance(work, alert, alert, is_standing=False)
        return
    _look_again(work, alert, finding)
    _advance(work, alert, lifecycle.followed(alert, finding, work.now), is_standing=True)


def _look_again(work: Work, alert: Alert, finding: Finding) -> None:
    """Ask once more where a firing alert lacks more than it did: that is told again."""
    if alert.state is not AlertState.FIRING or not work.rules.second_look:
        return
    known = alert.missing if alert.finding is None else alert.finding.missing
    if not set(finding.missing) <= set(known):
        for side in sorted(work.good):
            work.ask(side)


def _open(state: TargetState, check: CheckName, side: Side | None) -> Alert | None:
    for alert in state.alerts:
        if alert.check is check and alert.side is side and alert.state in lifecycle.OPEN:
            return alert
    return None


def _may_begin(work: Work, check: CheckName) -> bool:
    """Return whether this step shows anything: what is remembered only goes on."""
    if check in _OF_A_SIDE:
        return not work.rules.is_blind
    return bool(work.good) and work.is_settled and is_awake(work)


def _may_end(work: Work, check: CheckName, side: Side | None) -> bool:
    if side is not None:
        remembered = work.state.side(side)
        if check is CheckName.MALFORMED:
            return remembered.good_at is not None
        return remembered.looked_at is not None and remembered.failed == 0
    state = work.state
    is_known = state.metadata.good_at is not None and state.releases_side.good_at is not None
    # With one side as it was before we were down, what looks like the end may be the middle.
    return bool(work.good) and work.is_settled and is_known and is_awake(work)


def is_awake(work: Work) -> bool:
    """Return whether both sides were read well since we began to see; nothing fires before."""
    if work.rules.is_blind:
        return False
    started_at = work.rules.started_at
    # A start that lies ahead of us was noted by a clock that was wrong.
    if started_at is None or started_at > work.now:
        return True
    read = (work.state.metadata.good_at, work.state.releases_side.good_at)
    return all(at is not None and at >= started_at for at in read)


def _may_fire(work: Work, alert: Alert) -> bool:
    if alert.side is None:
        return work.is_settled and is_awake(work)
    if work.rules.is_blind:
        return False
    remembered, started_at = work.state.side(alert.side), work.rules.started_at
    if started_at is None or started_at > work.now:
        return True
    is_malformed = alert.check is CheckName.MALFORMED
    looked_at = remembered.malformed_last_at if is_malformed else remembered.looked_at
    return looked_at is not None and looked_at >= started_at


def _begin(work: Work, finding: Finding) -> None:
    for alert in reversed(work.state.alerts):
        if lifecycle.may_return(alert, finding, work.now, work.rules.policy):
            returned = lifecycle.returned(alert, finding, work.now)
            work.events.append(lifecycle.event(EventKind.RETURNED, returned, work.now))
            _put(work, alert, returned)
            return
    alert = lifecycle.opened(finding, work.now)
    work.events.append(lifecycle.event(EventKind.OPENED, alert, work.now))
    work.state = replace(work.state, alerts=(*work.state.alerts, alert))
    _advance(work, alert, alert, is_standing=True)


def _end(work: Work, alert: Alert) -> None:
    why = _hold(work) if alert.check is CheckName.BEHIND and alert.state is AlertState.FIRING else None
    if why is not None:
        _put(work, alert, lifecycle.held(alert, why))
        return
    resolved = lifecycle.resolved(alert, work.now)
    work.events.append(lifecycle.event(EventKind.RESOLVED, resolved, work.now))
    _put(work, alert, None if alert.state is AlertState.PENDING else resolved)


def _hold(work: Work) -> str | None:
    """Return why it goes on although nothing is missing: what is named is not listed, and we can tell."""
    board = board_of(work.state, work.rules)
    named = None if board is None else named_of(work.state, board)
    if board is None or named is None or work.rules.policy.unlisted is Switch.OFF:
        return None
    if is_accepted(named, board) or (named.seen is not None and is_listed(named.seen)):
        return None
    run = current_run(work.state)
    if run is None or not can_tell(run, named, work.state, board):
        return None
    return f"the metadata names {named.version}, which is not in the list of releases"


def _advance(work: Work, before: Alert, alert: Alert, *, is_standing: bool) -> None:
    """Let time pass for an alert that is open: it may be due to fire, or to become critical."""
    if alert.state is AlertState.PENDING:
        if is_standing and alert.fires_at <= work.now and _may_fire(work, alert):
            alert = _fire(work, alert)
    else:
        alert = _escalate(work, alert)
    _put(work, before, alert)


def _fire(work: Work, alert: Alert) -> Alert:
    evidence = None
    if alert.check is CheckName.BEHIND and work.rules.second_look:
        confirmation = confirm(alert, work)
        alert, evidence = confirmation.alert, confirmation.evidence
        if evidence is None:
            return alert
    if alert.check in _SEEN_TWICE and work.rules.second_look and (sides := unseen(alert, work)):
        return asked_again(alert, work, sides)
    fired = lifecycle.fired(alert, _fired_at(work, alert, evidence), evidence, work.rules.policy)
    work.events.append(lifecycle.event(EventKind.FIRED, fired, fired.fired_at or work.now))
    return _escalate(work, fired)


def _fired_at(work: Work, alert: Alert, evidence: Evidence | None) -> datetime:
    """Return `fires_at`, unless we were down then: nobody can have been told."""
    started_at = work.rules.started_at
    if started_at is None or started_at > work.now or alert.fires_at >= started_at:
        return alert.fires_at
    return work.now if evidence is None else evidence.at


def _escalate(work: Work, alert: Alert) -> Alert:
    critical_at = lifecycle.escalates_at(alert)
    if critical_at is None or critical_at > work.now or not _may_fire(work, alert):
        return alert
    critical = lifecycle.escalated(alert)
    work.events.append(lifecycle.event(EventKind.ESCALATED, critical, work.now))
    return critical


def _put(work: Work, before: Alert, after: Alert | None) -> None:
    if after is before:
        return
    kept = ((after if alert is before else alert) for alert in work.state.alerts)
    work.state = replace(work.state, alerts=tuple(alert for alert in kept if alert is not None))


def next_at(state: TargetState, now: datetime, rules: Rules) -> datetime | None:
    """Return the next instant after now at which something is due by itself."""
    due = (
        at
        for alert in state.alerts
        # A policy from ahead of us, by a clock that was wrong, begins to count when its instant comes.
        for at in chain(_due(alert), _futures(alert, state), (rules.policy_at,))
    )
    return min((at for at in due if at is not None and at > now), default=None)


def _due(alert: Alert) -> tuple[datetime | None, ...]:
    if alert.state is AlertState.PENDING:
        return (alert.fires_at, wakes_at(alert))
    return (lifecycle.escalates_at(alert),)


def _futures(alert: Alert, state: TargetState) -> Iterator[datetime | None]:
    """Yield the publications of what is missing: one that is ahead of us changes a clock when it comes."""
    for tag in () if alert.finding is None else alert.finding.missing:
        if tag in state.releases:
            yield state.releases[tag].published_at

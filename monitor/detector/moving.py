"""What happens to a target from outside: our absence, a new configuration or name, the end of watching."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from monitor import lifecycle
from monitor.checks.board import GONE_AFTER
from monitor.detector.outcome import Step
from monitor.model import Alert, AlertState, EventKind, Marks, SeenRelease, Side, SideState, TargetState


def resumed(state: TargetState, down_from_at: datetime, now: datetime) -> TargetState:
    """Return the state after a time in which we could not see, being down or blind: it excuses silence."""
    return replace(
        state,
        metadata=_excused(state.metadata, down_from_at, now),
        releases_side=_excused(state.releases_side, down_from_at, now),
        alerts=tuple(_asking_anew(alert) for alert in state.alerts),
        memo=None,
    )


def _excused(side: SideState, down_from_at: datetime, now: datetime) -> SideState:
    since = side.good_at or side.failed_at
    if since is None or since >= now:
        return side
    excused_for = max(now - max(down_from_at, since), timedelta(0))
    side = replace(side, excused_for=side.excused_for + excused_for)
    if side.failed_at is None or side.failed_at < down_from_at:
        return side
    return replace(
        side, failed=0, limited=0, failed_at=None, failed_last_at=None, counted_at=None, failure=None
    )


def _asking_anew(alert: Alert) -> Alert:
    return replace(alert, asked=0, asked_at=None, waiting_at=None) if alert.asked_at is not None else alert


def reconfigured(state: TargetState, changed: Collection[Side], *, scheme_changed: bool) -> TargetState:
    """Return the state with these sides unknown until they are read again, and both under a new scheme.

    What was seen is remembered; releases of another source count as out only once it has shown them.
    """
    unknown = set(Side) if scheme_changed else set(changed)
    return replace(
        state,
        metadata=SideState() if Side.METADATA in unknown else state.metadata,
        releases_side=SideState() if Side.RELEASES in unknown else state.releases_side,
        releases={tag: _unread(seen) for tag, seen in state.releases.items()}
        if Side.RELEASES in changed
        else state.releases,
        scheme=None if scheme_changed else state.scheme,
        alerts=tuple(_asking_anew(alert) for alert in state.alerts),
        memo=None,
    )


def adopted(state: TargetState, marks: Marks, now: datetime) -> TargetState:
    """Return the state under a configuration: its sides that are configured otherwise are unknown.

    A policy other than the one before is in force from now on; a target's first one always was.
    """
    before = state.marks
    if not before.policy:
        return replace(state, marks=marks)
    changed = {side for side in Side if getattr(marks, side.value) != getattr(before, side.value)}
    scheme_changed = marks.scheme != before.scheme
    if changed or scheme_changed:
        state = reconfigured(state, changed, scheme_changed=scheme_changed)
    policy_at = now if marks.policy != before.policy else before.policy_at
    return replace(state, marks=replace(marks, policy_at=policy_at))


def _unread(seen: SeenRelease) -> SeenRelease:
    return replace(seen, absent=GONE_AFTER, withdrawn_at=None, eligible=None, draft=False)


def dropped(state: TargetState, now: datetime) -> Step:
    """Return the step that ends the watching: alerts that fire are dropped, what is pending is forgotten."""
    firing = tuple(alert for alert in state.alerts if alert.state is AlertState.FIRING)
    ended = tuple(lifecycle.dropped(alert, now) for alert in firing)
    over = tuple(alert for alert in state.alerts if alert.state not in lifecycle.OPEN)
    events = tuple(lifecycle.event(EventKind.DROPPED, alert, now) for alert in ended)
    return Step(state=replace(state, alerts=(*over, *ended), memo=None), events=events)


def renamed(state: TargetState, name: str) -> TargetState:
    """Return the state under another name, with everything in it."""
    return replace(
        state, target=name, alerts=tuple(_renamed(alert, name) for alert in state.alerts), memo=None
    )


def _renamed(alert: Alert, name: str) -> Alert:
    finding = None if alert.finding is None else replace(alert.finding, target=name)
    return replace(alert, target=name, finding=finding)

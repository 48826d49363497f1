"""Record a look and all that follows from it: state, events, alerts and notifications, or nothing.

Runs inside the writer's transaction and never awaits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor import detector, dispatch
from monitor.detector import Ask, Step, is_firing
from monitor.model import Alert, CheckName, Event, Observation, Route, Rules, Target, TargetState
from monitor.status import judge
from monitor.store import Ledger, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Who is told of what, as the configuration in force says."""

    targets: Mapping[str, Target]
    routes: Sequence[Route] = ()
    receivers: Sequence[str] = ()
    public_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a record leaves: the new state, what is to be looked at now, and when to wake next.

    `next_at` is when the state may change by itself, `tell_at` when something may be due to be told; both are
    None where the record changed nothing of it (`touched`).
    """

    state: TargetState
    asks: tuple[Ask, ...] = ()
    next_at: datetime | None = None
    tell_at: datetime | None = None
    events: tuple[Event, ...] = ()
    touched: bool = False


def record(
    ledger: Ledger,
    *,
    before: TargetState,
    observation: Observation | None,
    now: datetime,
    rules: Rules,
    telling: Telling,
    drifting: Sequence[str] = (),
) -> Recorded:
    """Record one look (or the passing of time, where there is none) and return what it leaves."""
    if observation is not None:
        touched = detector.touched(before, observation)
        if touched is not None:
            ledger.touch(observation)
            return Recorded(state=touched, touched=True)
        ledger.observe(observation)
    step = detector.step(before, observation, now, rules)
    return keep(ledger, step, before=before, now=now, telling=telling, drifting=drifting, rules=rules)


def keep(
    ledger: Ledger,
    step: Step,
    *,
    before: TargetState,
    now: datetime,
    telling: Telling,
    drifting: Sequence[str] = (),
    rules: Rules | None = None,
) -> Recorded:
    """Write what a step of the detector left, and tell what is due by it."""
    step = detector.numbered(step, ledger.new_alert_ids())
    if step.state != before:
        ledger.save(step.state, before, shown=None if rules is None else shown(step.state, rules))
        ledger.save_alerts(changed(step.state.alerts, before.alerts))
    ledger.add_events(step.events)
    tell_at = tell(ledger, telling, now, target=step.state.target, drifting=drifting)
    return Recorded(
        state=step.state, asks=step.asks, next_at=step.next_at, tell_at=tell_at, events=step.events
    )


def shown(state: TargetState, rules: Rules) -> Shown:
    """Return what the view `current` says of this state: the same judgement as everywhere."""
    judged = judge(state, rules)
    return Shown(
        state=judged.word.value,
        named=judged.named,
        newest=judged.newest,
        missing=len(judged.missing),
        since=judged.since,
        since_is=judged.since_is,
        fires_at=judged.fires_at,
        alert_id=judged.alert_id,
    )


def keep_sight(
    ledger: Ledger, *, step: Step, before: TargetState, now: datetime, telling: Telling
) -> TargetState:
    """Write what has become of our own sight, and return its state; it is a target only while it is lost."""
    state = keep(ledger, step, before=before, now=now, telling=telling).state
    if not any(is_firing(alert) for alert in state.alerts):
        ledger.retire(state.target)
    return state


def changed(alerts: Sequence[Alert], before: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return the alerts with a number that are not as they were."""
    return tuple(alert for alert in alerts if alert.id is not None and alert not in before)


def is_behind(state: TargetState) -> bool:
    """Return whether the target is told to be behind."""
    return any(is_firing(alert) and alert.check is CheckName.BEHIND for alert in state.alerts)


def tell(
    ledger: Ledger,
    telling: Telling,
    now: datetime,
    *,
    target: str,
    drifting: Sequence[str] = (),
) -> datetime | None:
    """Queue what is due to be told of this target, and return when more may be due."""
    alerts = ledger.live_alerts(target)
    if not alerts:
        return None
    told = ledger.told([alert.id for alert in alerts if alert.id is not None])
    surroundings: dict[str, Any] = {
        "alerts": alerts,
        "acks": ledger.acks(),
        "silences": ledger.silences(now),
        "routes": telling.routes,
        "receivers": telling.receivers,
        "targets": telling.targets,
        "now": now,
        "public_url": telling.public_url,
        "drifting": drifting,
    }
    due = dispatch.due(told=told, **surroundings)
    ledger.queue(due)
    return dispatch.next_at(told=dispatch.recorded(told, due), **surroundings)


def tell_all(ledger: Ledger, *, telling: Telling, now: datetime) -> dict[str, datetime | None]:
    """Queue what is due to be told of any target; return by target when more may be due."""
    alerts = ledger.live_alerts(None)
    behind = dict.fromkeys(
        alert.target for alert in alerts if is_firing(alert) and alert.check is CheckName.BEHIND
    )
    return {
        name: tell(
            ledger, telling, now, target=name, drifting=tuple(other for other in behind if other != name)
        )
        for name in dict.fromkeys(alert.target for alert in alerts)
    }

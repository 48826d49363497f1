"""Draw the picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from monitor import lifecycle
from monitor.model import Ack, Alert, AlertState, Rules, Silence, Target, TargetState, Told
from monitor.status.alerting import Muting, alert_status, silence_statuses
from monitor.status.judging import OPEN
from monitor.status.ordering import alerts_worst_first, worst_first
from monitor.status.values import Daemon, NextEvent, Receiver, Status
from monitor.status.watching import Looks, target_status

MOST_EVENTS = 20
NOT_RUNNING = Daemon()
T = TypeVar("T", Ack, Told)


def picture(
    *,
    now: datetime,
    version: str,
    targets: Mapping[str, Target],
    states: Mapping[str, TargetState],
    daemon: Daemon = NOT_RUNNING,
    rules: Mapping[str, Rules] | None = None,
    next_looks: Looks | None = None,
    alerts: Sequence[Alert] = (),
    acks: Sequence[Ack] = (),
    silences: Sequence[Silence] = (),
    told: Sequence[Told] = (),
    receivers: Sequence[Receiver] = (),
) -> Status:
    """Return how everything stands now.

    `targets` are the configured ones; one without a state was never looked at, a state without a target is
    not shown. `rules` are those the daemon judges by, made from the policies where there are none. `alerts`
    are shown besides the open ones of the states: `blind`, and whatever has ended lately. `next_looks` says
    when each side is looked at next.
    """
    muting = Muting(targets=targets, acks=_by_alert(acks), told=_by_alert(told), silences=silences, now=now)
    shown = tuple(
        target_status(
            target,
            states.get(name, TargetState(target=name)),
            (rules or {}).get(name) or _rules(target, daemon),
            muting,
            next_looks or {},
        )
        for name, target in targets.items()
    )
    every = _alerts(targets, states, alerts)
    return Status(
        generated_at=now,
        version=version,
        daemon=daemon,
        targets=worst_first(shown),
        alerts=alerts_worst_first(alert_status(alert, muting) for alert in every),
        silences=silence_statuses(silences, now),
        receivers=tuple(receivers),
        next_events=tuple(sorted(_events(every, silences, now), key=_soonness)[:MOST_EVENTS]),
    )


def _by_alert(values: Iterable[T]) -> Mapping[int | None, Sequence[T]]:
    sorted_out: dict[int | None, list[T]] = defaultdict(list)
    for value in values:
        sorted_out[value.alert_id].append(value)
    return sorted_out


def _rules(target: Target, daemon: Daemon) -> Rules:
    return Rules(
        target=target.name,
        policy=target.policy,
        interval=target.interval,
        is_blind=daemon.blind_since is not None,
    )


def _alerts(
    targets: Mapping[str, Target], states: Mapping[str, TargetState], others: Iterable[Alert]
) -> tuple[Alert, ...]:
    """Return the open alerts of the states and the others, each once."""
    found = [
        alert for name in targets if name in states for alert in states[name].alerts if alert.state in OPEN
    ]
    known = {alert.id for alert in found if alert.id is not None}
    return (*found, *(alert for alert in others if alert.id not in known))


def _events(alerts: Iterable[Alert], silences: Iterable[Silence], now: datetime) -> Iterator[NextEvent]:
    for alert in alerts:
        if alert.state is AlertState.PENDING and alert.fires_at > now:
            yield NextEvent(at=alert.fires_at, what="fires", target=alert.target)
        critical_at = lifecycle.escalates_at(alert)
        if critical_at is not None and critical_at > now:
            yield NextEvent(at=critical_at, what="becomes critical", target=alert.target, alert_id=alert.id)
    for silence in silences:
        if silence.until_at > now:
            yield NextEvent(
                at=silence.until_at, what="silence ends", target=silence.target, silence_id=silence.id
            )


def _soonness(event: NextEvent) -> tuple[datetime, str, str]:
    return (event.at, event.what, event.target or "")

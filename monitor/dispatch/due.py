"""What is due to be told now, and when something may be next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.dispatch.names import metadata_link, metadata_name, published_by
from monitor.dispatch.pair import Pair, instants, is_unsent, reason_at
from monitor.dispatch.records import after
from monitor.dispatch.routing import as_fired, receivers_of
from monitor.messages import Letter, write
from monitor.model import Ack, Alert, Notification, Policy, Route, Silence, Target, TellReason, Told
from monitor.silences import concerns, missing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """The arguments of `due`, in the form in which one alert after the other asks them."""

    told: Mapping[tuple[int, str], Told]
    acks: Mapping[int, Sequence[Ack]]
    silences: Sequence[Silence]
    routes: Sequence[Route]
    receivers: Sequence[str]
    targets: Mapping[str, Target]


def due(
    *,
    alerts: Sequence[Alert],
    told: Sequence[Told],
    acks: Sequence[Ack],
    silences: Sequence[Silence],
    routes: Sequence[Route],
    receivers: Sequence[str],
    targets: Mapping[str, Target],
    now: datetime,
    public_url: str | None = None,
    drifting: Sequence[str] = (),
) -> tuple[Notification, ...]:
    """Return what is to be told now, by alert and then in the order of `receivers`.

    `alerts` may be any: those that never fired are passed over. One that is over must be given until whoever
    was told of it has been told its end. `told` has one value a (alert, receiver), of messages delivered or
    queued; what was given up as undelivered is not told. `drifting` names the targets that are behind now.
    """
    scene = _Scene(
        told=_last(told),
        acks=_by_alert(acks),
        silences=silences,
        routes=routes,
        receivers=receivers,
        targets=targets,
    )
    notifications = []
    for pair in _pairs(alerts, scene):
        reason = reason_at(pair, now)
        if reason is None:
            continue
        notification = _notification(pair, reason, now)
        target = targets.get(pair.alert.target)
        letter = _letter(pair, notification, target, public_url=public_url, drifting=drifting)
        title, body = write(letter)
        notifications.append(replace(notification, title=title, body=body))
    return tuple(notifications)


def next_at(
    *,
    alerts: Sequence[Alert],
    told: Sequence[Told],
    acks: Sequence[Ack],
    silences: Sequence[Silence],
    routes: Sequence[Route],
    receivers: Sequence[str],
    targets: Mapping[str, Target],
    now: datetime,
    public_url: str | None = None,  # noqa: ARG001 taken so that both are called alike
    drifting: Sequence[str] = (),  # noqa: ARG001 taken like `due`
) -> datetime | None:
    """Return the next instant after `now` at which `due` gives something that it does not give now.

    None where only a change can make something due: a state, an ack, a silence, a configuration, and a
    *delivery*, since a message that is still queued has no repeat. What is due now counts as queued, whether
    it has been recorded or not.
    """
    scene = _Scene(
        told=_last(told),
        acks=_by_alert(acks),
        silences=silences,
        routes=routes,
        receivers=receivers,
        targets=targets,
    )
    wakes = (_wakes_at(pair, now) for pair in _pairs(alerts, scene))
    return min((at for at in wakes if at is not None), default=None)


def _last(told: Iterable[Told]) -> Mapping[tuple[int, str], Told]:
    return {(one.alert_id, one.receiver): one for one in told}


def _by_alert(acks: Iterable[Ack]) -> Mapping[int, Sequence[Ack]]:
    given: dict[int, list[Ack]] = defaultdict(list)
    for ack in acks:
        given[ack.alert_id].append(ack)
    return given


def _pairs(alerts: Iterable[Alert], scene: _Scene) -> Iterator[Pair]:
    for alert in alerts:
        if alert.id is not None:
            yield from _pairs_of(alert, alert.id, scene)


def _pairs_of(alert: Alert, alert_id: int, scene: _Scene) -> Iterator[Pair]:
    target = scene.targets.get(alert.target)
    labels = {} if target is None else target.labels
    routed = receivers_of(alert, labels, scene.routes, scene.receivers)
    at_first = receivers_of(as_fired(alert), labels, scene.routes, scene.receivers)
    silences = tuple(silence for silence in scene.silences if concerns(silence, alert, labels))
    for receiver in scene.receivers:
        yield Pair(
            alert=alert,
            alert_id=alert_id,
            receiver=receiver,
            told=scene.told.get((alert_id, receiver)),
            policy=Policy() if target is None else target.policy,
            is_routed=receiver in routed,
            was_routed=receiver in at_first,
            acks=tuple(scene.acks.get(alert_id, ())),
            silences=silences,
        )


def _wakes_at(pair: Pair, now: datetime) -> datetime | None:
    reason = reason_at(pair, now)
    if reason is not None:
        pair = replace(pair, told=after(pair.told, _notification(pair, reason, now)))
    ahead = sorted(at for at in instants(pair, now) if at > now)
    return next((at for at in ahead if reason_at(pair, at) is not None), None)


def _notification(pair: Pair, reason: TellReason, now: datetime) -> Notification:
    told = pair.told
    return Notification(
        alert_id=pair.alert_id,
        target=pair.alert.target,
        check=pair.alert.check,
        receiver=pair.receiver,
        reason=reason,
        severity=pair.alert.severity,
        at=now,
        title="",
        body="",
        missing=missing_of(pair.alert),
        repeats=told.repeats + 1 if told is not None and reason is TellReason.REPEAT else 0,
        replaces_first=told is not None and reason is TellReason.RESOLVED and is_unsent(told),
    )


def _letter(
    pair: Pair,
    notification: Notification,
    target: Target | None,
    *,
    public_url: str | None,
    drifting: Sequence[str],
) -> Letter:
    return Letter(
        alert=pair.alert,
        reason=notification.reason,
        now=notification.at,
        metadata_name=metadata_name(target),
        metadata_link=metadata_link(target),
        published_by=published_by(target),
        public_url=public_url,
        drifting=tuple(drifting),
        news=pair.news if notification.reason is TellReason.REPEAT else (),
        replaces_first=notification.replaces_first,
    )

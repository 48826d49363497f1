"""What is shown of an alert, an ack and a silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Ack, Alert, Silence, Target, Told
from monitor.silences import ack_in_force, holds, muting
from monitor.status.values import AckStatus, AlertStatus, SilenceStatus, ToldStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Muting:
    """What decides whether an alert is told, and to whom it was; `told` and `acks` by alert."""

    targets: Mapping[str, Target]
    acks: Mapping[int | None, Sequence[Ack]]
    told: Mapping[int | None, Sequence[Told]]
    silences: Sequence[Silence]
    now: datetime

    def ack(self, alert: Alert) -> Ack | None:
        """Return the ack in force."""
        return ack_in_force(alert, self.acks.get(alert.id, ()))

    def silences_of(self, alert: Alert) -> tuple[Silence, ...]:
        """Return the silences that mute this alert now."""
        target = self.targets.get(alert.target)
        return muting(self.silences, alert, {} if target is None else target.labels, self.now)


def alert_status(alert: Alert, muting: Muting) -> AlertStatus:
    """Return what is shown of this alert."""
    today, ack, silences = alert.finding, muting.ack(alert), muting.silences_of(alert)
    about = today or alert
    return AlertStatus(
        id=alert.id,
        check=alert.check,
        target=alert.target,
        side=alert.side,
        state=alert.state,
        severity=alert.severity,
        sentence=about.sentence,
        reason=about.reason,
        since=about.since,
        since_is=about.since_is,
        named=about.named,
        newest=about.newest,
        missing=about.missing,
        missing_is_at_least=today is not None and today.missing_is_at_least,
        fires_at=alert.fires_at,
        fired_at=alert.fired_at,
        critical_at=alert.critical_at,
        resolved_at=alert.resolved_at,
        fired_named=alert.named,
        fired_newest=alert.newest,
        fired_missing=alert.missing,
        held=alert.held,
        evidence=alert.evidence,
        metadata_link=None if today is None else today.metadata_link,
        release_link=None if today is None else today.release_link,
        ack=None if ack is None else AckStatus(who=ack.who, at=ack.at, comment=ack.comment),
        silenced_by=tuple(silence.id for silence in silences),
        silenced_until=max((silence.until_at for silence in silences), default=None),
        told=_told(muting.told.get(alert.id, ())),
    )


def silence_statuses(silences: Iterable[Silence], now: datetime) -> tuple[SilenceStatus, ...]:
    """Return what is shown of the silences, the one that ends first at the front."""
    return tuple(
        SilenceStatus(
            id=silence.id,
            from_at=silence.from_at,
            until_at=silence.until_at,
            who=silence.who,
            comment=silence.comment,
            target=silence.target,
            label=silence.label,
            check=silence.check,
            is_active=holds(silence, now),
        )
        for silence in sorted(silences, key=lambda silence: (silence.until_at, silence.id))
    )


def _told(told: Iterable[Told]) -> tuple[ToldStatus, ...]:
    return tuple(
        ToldStatus(
            receiver=one.receiver,
            reason=one.reason,
            at=one.at,
            queued=one.queued,
            arrived=one.delivered,
            repeats=one.repeats,
        )
        for one in sorted(told, key=lambda one: one.receiver)
    )

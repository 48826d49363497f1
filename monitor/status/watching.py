"""What is shown of a target and its two sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from monitor.model import AlertState, Rules, Side, SideState, Target, TargetState
from monitor.sources import kind_named
from monitor.status.alerting import Muting
from monitor.status.judging import OPEN, Judgement, judge
from monitor.status.values import SideStatus, TargetStatus
from monitor.status.words import Look, Word, look_of

Looks = Mapping[tuple[str, Side], datetime]


def target_status(
    target: Target, state: TargetState, rules: Rules, muting: Muting, looks: Looks
) -> TargetStatus:
    """Return what is shown of this target; `looks` are the next ones."""
    judged = judge(state, rules)
    alert = judged.alert
    is_firing = alert is not None and alert.state is AlertState.FIRING
    return TargetStatus(
        name=target.name,
        labels=target.labels,
        word=judged.word,
        severity=alert.severity if alert is not None and is_firing else None,
        sentence=sentence_of(judged, state, muting.now),
        named=judged.named,
        newest=judged.newest,
        missing=judged.missing,
        missing_is_at_least=judged.missing_is_at_least,
        lag_for=judged.lag_for(muting.now),
        check=None if alert is None else alert.check,
        checks=tuple(dict.fromkeys(each.check for each in state.alerts if each.state in OPEN)),
        since=judged.since,
        since_is=judged.since_is,
        fires_at=judged.fires_at,
        fired_at=None if alert is None else alert.fired_at,
        alert_id=judged.alert_id,
        is_acked=alert is not None and muting.ack(alert) is not None,
        is_silenced=alert is not None and bool(muting.silences_of(alert)),
        scheme=state.scheme,
        threshold_for=target.policy.threshold,
        metadata=_side(target, state, Side.METADATA, looks),
        releases=_side(target, state, Side.RELEASES, looks),
        left_out=state.left_out,
    )


def sentence_of(judged: Judgement, state: TargetState, now: datetime) -> str:
    """Return in one sentence how the target stands."""
    alert = judged.alert
    if alert is None:
        return _quiet(judged.word, state)
    said = alert.held or (alert.finding or alert).sentence
    if judged.word is Word.BLIND:
        return f"{said}; nothing fires while we are blind"
    if judged.fires_at is not None and judged.fires_at <= now:
        return f"{said}; due, and waiting for a look that confirms it"
    return said


def _quiet(word: Word, state: TargetState) -> str:
    if word is Word.BLIND:
        return "no configured host answers; it looks like our own connection"
    unread = [str(side) for side in Side if state.side(side).good_at is None]
    if unread:
        return f"{' and '.join(unread)}: not read yet"
    return "nothing is missing"


def _side(target: Target, state: TargetState, side: Side, looks: Looks) -> SideStatus:
    source, remembered = target.source(side), state.side(side)
    kind = kind_named(source.kind)
    return SideStatus(
        side=side,
        kind=source.kind,
        label=kind.label(source.spec),
        link=remembered.link,
        look=look_of(remembered),
        looked_at=remembered.looked_at,
        good_at=remembered.good_at,
        sentence=_why(remembered),
        failing_since=_failing_since(remembered),
        failed=remembered.failed,
        is_complete=None if remembered.good_at is None else remembered.newest is None,
        window=remembered.newest,
        cache_age_for=remembered.cache_age_for,
        next_look_at=looks.get((target.name, side)),
    )


def _why(side: SideState) -> str | None:
    return side.malformed if side.failure is None else side.failure.sentence


def _failing_since(side: SideState) -> datetime | None:
    """Return the first look of the run of failed ones; both kinds of failure may be part of it."""
    if look_of(side) in {Look.GOOD, Look.NEVER}:
        return None
    return min((at for at in (side.failed_at, side.malformed_at) if at is not None), default=side.looked_at)

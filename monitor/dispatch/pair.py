"""One alert and one receiver: is there something to tell, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Ack, Alert, AlertState, Policy, Severity, Silence, TellReason, Told
from monitor.silences import gained, holds, missing_of

WEEK = timedelta(days=7)
ENDS = frozenset({TellReason.RESOLVED, TellReason.DROPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """All that decides what this receiver is told of this alert.

    `told` is None where it was told nothing. `is_routed` is whether the alert goes to this receiver as it is
    now, `was_routed` whether it did with the severity it fired with. `acks` and `silences` are those that
    concern the alert, whenever they hold.
    """

    alert: Alert
    alert_id: int
    receiver: str
    told: Told | None
    policy: Policy
    is_routed: bool
    was_routed: bool
    acks: tuple[Ack, ...] = ()
    silences: tuple[Silence, ...] = ()

    @property
    def is_acked(self) -> bool:
        """Whether somebody knows of all that is missing today."""
        return any(not gained(ack, self.alert) for ack in self.acks)

    @property
    def is_quiet(self) -> bool:
        """Whether repeats and escalation wait."""
        return self.is_acked or self.alert.held is not None

    @property
    def news(self) -> tuple[str, ...]:
        """The releases missing today that the last message did not name."""
        known = () if self.told is None else self.told.missing
        return tuple(tag for tag in missing_of(self.alert) if tag not in known)


def reason_at(pair: Pair, at: datetime) -> TellReason | None:
    """Return why something is due at this instant, None where nothing is."""
    if any(holds(silence, at) for silence in pair.silences):
        return None
    state = pair.alert.state
    if state is AlertState.FIRING:
        return _firing(pair, at)
    if pair.told is None or pair.told.reason in ENDS:
        return None
    if state is AlertState.RESOLVED:
        return _resolved(pair, at)
    return _dropped(pair.told) if state is AlertState.DROPPED else None


def instants(pair: Pair, now: datetime) -> Iterator[datetime]:
    """Yield every instant at which something may become due; unordered, past ones included."""
    for silence in pair.silences:
        yield silence.until_at
    if pair.alert.state is AlertState.RESOLVED:
        yield _tells_end_at(pair)
    elif pair.told is not None:
        yield from _repeats_at(pair, pair.told, now)


def is_unsent(told: Told) -> bool:
    """Return whether nothing of this firing has reached the receiver yet."""
    return told.queued and not told.delivered


def _firing(pair: Pair, at: datetime) -> TellReason | None:
    told = pair.told
    if not pair.is_routed:
        return None
    if told is None or told.reason in ENDS:
        # Whom only the escalation concerns is not told of it while escalation waits.
        return TellReason.FIRST if pair.was_routed or not pair.is_quiet else None
    if pair.is_quiet:
        return None
    if pair.alert.severity is Severity.CRITICAL and told.severity is not Severity.CRITICAL:
        return TellReason.ESCALATED
    is_due = any(due_at <= at for due_at in _repeats_at(pair, told, at))
    return TellReason.REPEAT if is_due else None


def _resolved(pair: Pair, at: datetime) -> TellReason | None:
    return TellReason.RESOLVED if _tells_end_at(pair) <= at or _is_future(pair, at) else None


def _dropped(told: Told) -> TellReason | None:
    # A first message that still waits is discarded with its alert: there is nothing to take back.
    return None if is_unsent(told) else TellReason.DROPPED


def _tells_end_at(pair: Pair) -> datetime:
    alert = pair.alert
    return (alert.resolved_at or alert.known_at) + pair.policy.keep_firing_for


def _is_future(pair: Pair, at: datetime) -> bool:
    """Return whether the end lies ahead of us: the clock was wrong when it was noted, so it says nothing."""
    return pair.alert.resolved_at is not None and pair.alert.resolved_at > at


def _repeats_at(pair: Pair, told: Told, at: datetime) -> Iterator[datetime]:
    """Yield the instants from which a repeat is due; none behind an undelivered message."""
    if told.queued:
        return
    wait_for = interval(pair.policy.repeat_every, told.repeats)
    if wait_for > timedelta(0):
        # A message told ahead of us was told by a clock that was wrong: it must not mute repeats for years.
        yield at if told.at > at + wait_for else told.at + wait_for
    yield from _news_at(pair, told)


def _news_at(pair: Pair, told: Told) -> Iterator[datetime]:
    """Yield when each release that the last message did not name makes a repeat due."""
    finding = pair.alert.finding
    clocks = {} if finding is None else dict(zip(finding.missing, finding.missing_since, strict=False))
    for tag in pair.news:
        if any(tag in gained(ack, pair.alert) for ack in pair.acks):
            # It ended an ack: whoever trusted in that one hears of it now.
            yield told.at
        elif tag in clocks:
            yield clocks[tag] + pair.policy.threshold


def interval(repeat_every: timedelta, repeats: int) -> timedelta:
    """Return how long after a message its repeat is due: doubling to a week, and zero for never."""
    factor: int = 2 ** min(repeats, 20)
    return min(repeat_every * factor, max(WEEK, repeat_every))

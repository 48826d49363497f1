"""Instants of our own that cannot be: a clock was wrong when they were noted; the next look replaces them.

The publications that a source gives are not ours, and stay.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from monitor.model import Alert, AlertState, NamedRun, SeenRelease, Side, SideState, SinceClock, TargetState

UNSET_BEFORE = datetime(1980, 1, 1, tzinfo=UTC)
"""A machine without a clock of its own boots in 1970, and stays there until the network tells it better."""

_SIDE = (
    "looked_at",
    "first_good_at",
    "good_at",
    "complete_at",
    "failed_at",
    "failed_last_at",
    "counted_at",
    "malformed_at",
    "malformed_last_at",
    "chain_at",
    "confirmed_at",
)
_RELEASE = ("first_seen_at", "lacked_at", "eligible_at", "withdrawn_at", "named_at", "covered_at")
_RUN = ("from_at", "until_at", "unlisted_at")
_ALERT = ("known_at", "fired_at", "resolved_at", "asked_at", "waiting_at")

T = TypeVar("T", SideState, SeenRelease, NamedRun, Alert)


def latest_look(state: TargetState) -> datetime | None:
    """Return the instant of the last look at either side."""
    looks = [at for side in Side if (at := state.side(side).looked_at) is not None]
    return max(looks, default=None)


def mended(state: TargetState, now: datetime, *, is_look: bool) -> TargetState:
    """Return the state with every instant of our own that cannot be replaced by now.

    One that is ahead of us waits for the next look; one from before our time cannot wait for it, since what
    is 54 years old is due.
    """
    noted = _noted(state)
    if not noted or not ((is_look and max(noted) > now) or min(noted) < UNSET_BEFORE <= now):
        return state
    return replace(
        state,
        metadata=_mended(state.metadata, _SIDE, now),
        releases_side=_mended(state.releases_side, _SIDE, now),
        releases={tag: _release(seen, now) for tag, seen in state.releases.items()},
        runs=tuple(_mended(run, _RUN, now) for run in state.runs),
        alerts=tuple(_alert(alert, now) for alert in state.alerts),
        memo=None,
    )


def _noted(state: TargetState) -> list[datetime]:
    """Return instants among which are the last that was noted, and one from before our time, if any is."""
    own = [state.side(side).looked_at for side in Side]
    for alert in state.alerts:
        own += (getattr(alert, name) for name in _ALERT)
    return [at for at in own if at is not None]


def _mended(value: T, names: tuple[str, ...], now: datetime) -> T:
    wrong: dict[str, Any] = {name: now for name in names if _is_wrong(getattr(value, name), now)}
    return replace(value, **wrong) if wrong else value


def _is_wrong(at: datetime | None, now: datetime) -> bool:
    if at is None:
        return False
    return at > now or at < UNSET_BEFORE <= now


def _release(seen: SeenRelease, now: datetime) -> SeenRelease:
    lacked_at = seen.lacked_at
    if lacked_at is not None and lacked_at < UNSET_BEFORE <= now:
        # A bound that says nothing is none; replaced, it would put the clock off.
        seen = replace(seen, lacked_at=None)
    return _mended(seen, _RELEASE, now)


def _alert(alert: Alert, now: datetime) -> Alert:
    mended_alert = _mended(alert, _ALERT, now)
    if (
        alert.fired_at is not None
        and mended_alert.fired_at != alert.fired_at
        and alert.critical_at is not None
    ):
        mended_alert = replace(mended_alert, critical_at=now + (alert.critical_at - alert.fired_at))
    is_ours = alert.since_is is SinceClock.FIRST_SEEN and _is_wrong(alert.since, now)
    if is_ours and alert.state is not AlertState.PENDING:
        return replace(mended_alert, since=now)
    return mended_alert

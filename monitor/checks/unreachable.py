"""`unreachable`: one side could not be read for long."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.checks.policy import in_force_from
from monitor.model import CheckName, Finding, Rules, Severity, Side, SideState, SinceClock, TargetState

AT_LEAST = 3
"""Fewer failed looks than these prove nothing."""

LIMITED_AFTER = timedelta(days=1)
"""Being rate-limited is ours to mend, and seldom urgent."""


def check(state: TargetState, now: datetime, rules: Rules) -> tuple[Finding, ...]:
    """Return one finding for each side of which enough looks have failed over a long enough time."""
    found = (_finding(state, side, now, rules) for side in Side)
    return tuple(finding for finding in found if finding is not None)


def answered_at(side: SideState) -> datetime | None:
    """Return the last look that was answered, or the first that failed where none ever was."""
    answers = [at for at in (side.good_at, side.malformed_last_at) if at is not None]
    return max(answers, default=side.failed_at)


def _finding(state: TargetState, side: Side, now: datetime, rules: Rules) -> Finding | None:
    remembered = state.side(side)
    since = answered_at(remembered)
    if since is None:
        return None
    after = _fires_after(remembered, since, rules)
    if after is None:
        return None
    what = "the metadata" if side is Side.METADATA else "the list of releases"
    why = "" if remembered.failure is None else f": {remembered.failure.sentence}"
    return Finding(
        check=CheckName.UNREACHABLE,
        target=state.target,
        since=since,
        since_is=SinceClock.FIRST_SEEN,
        fires_at=in_force_from(since + after, rules, now),
        severity=Severity.WARNING,
        sentence=f"{what} could not be read in {remembered.failed} looks{why}",
        side=side,
        metadata_link=state.metadata.link,
    )


def _fires_after(side: SideState, since: datetime, rules: Rules) -> timedelta | None:
    """Return how long after `since` it fires, None where the failed looks are too few or too close."""
    patience = rules.policy.unreachable_after + side.excused_for
    counted = side.failed - side.limited
    if counted >= AT_LEAST and side.counted_at is not None and side.counted_at - since >= patience:
        return patience
    patience = max(LIMITED_AFTER, rules.policy.unreachable_after) + side.excused_for
    if (
        side.failed >= AT_LEAST
        and side.failed_last_at is not None
        and side.failed_last_at - since >= patience
    ):
        return patience
    return None

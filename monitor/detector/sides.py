"""What one look makes of what is remembered of its side, whatever it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.model import Failure, Got, Reading, Reason, SideState


def good(side: SideState, reading: Reading, got: Got, at: datetime) -> SideState:
    """Return the side after a good look: whatever had failed is over."""
    return SideState(
        looked_at=at,
        first_good_at=side.first_good_at or at,
        good_at=at,
        complete_at=at if reading.is_complete else side.complete_at,
        cache_age_for=got.cache_age_for,
        newest=reading.newest,
        chain_at=side.chain_at,
        window_tags=side.window_tags,
        confirmed_at=at if got.confirm else side.confirmed_at,
        link=reading.link,
    )


def failed(side: SideState, failure: Failure, at: datetime) -> SideState:
    """Return the side after one more failed look."""
    is_limited = failure.reason is Reason.LIMITED
    return replace(
        side,
        looked_at=at,
        failed=side.failed + 1,
        limited=side.limited + int(is_limited),
        failed_at=side.failed_at or at,
        failed_last_at=at,
        counted_at=side.counted_at if is_limited else at,
        failure=failure,
    )


def unseen(side: SideState, failure: Failure, at: datetime) -> SideState:
    """Return the side after a failed look that says more of us than of it."""
    return replace(side, looked_at=at, failure=failure)


def malformed(side: SideState, sentence: str, at: datetime) -> SideState:
    """Return the side after an answer that yielded no version: it can be reached, and that is all."""
    return replace(
        side,
        looked_at=at,
        malformed_at=side.malformed_at or at,
        malformed_last_at=at,
        malformed=sentence,
        failed=0,
        limited=0,
        failed_at=None,
        failed_last_at=None,
        counted_at=None,
        failure=None,
    )

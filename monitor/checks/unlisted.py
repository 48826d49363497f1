"""`unlisted`: the metadata names a version that is not out."""

from __future__ import annotations

from datetime import datetime

from monitor.checks.board import (
    Board,
    Named,
    board_of,
    current_run,
    is_gone,
    is_ignored,
    is_prerelease,
    named_of,
)
from monitor.checks.policy import in_force_from
from monitor.model import CheckName, Finding, NamedRun, Rules, Severity, SinceClock, Switch, TargetState


def check(state: TargetState, now: datetime, rules: Rules) -> tuple[Finding, ...]:
    """Return the finding that what is named is not eligible, once a look that could show it has shown so."""
    board, run = board_of(state, rules), current_run(state)
    if board is None or run is None or run.unlisted_at is None or rules.policy.unlisted is Switch.OFF:
        return ()
    named = named_of(state, board)
    if named is None or is_accepted(named, board):
        return ()
    why = _why(named, board)
    return (
        Finding(
            check=CheckName.UNLISTED,
            target=state.target,
            since=run.unlisted_at,
            since_is=SinceClock.FIRST_SEEN,
            fires_at=in_force_from(run.unlisted_at + rules.policy.unlisted_grace, rules, now),
            severity=Severity.WARNING,
            sentence=f"the metadata names {named.version}, which {why}",
            named=named.version,
            newest=None if board.newest is None else board.newest.version,
            metadata_link=state.metadata.link,
            release_link=None if named.seen is None else named.seen.link,
        ),
    )


def is_accepted(named: Named, board: Board) -> bool:
    """Return whether the metadata may name this: it is eligible, or ignored."""
    seen = named.seen
    if seen is not None and seen.eligible:
        return True
    tag = named.version if seen is None else seen.tag
    return is_ignored(tag, named.version, board.policy, board.scheme)


def seen_unlisted_at(
    run: NamedRun, named: Named, state: TargetState, board: Board, at: datetime
) -> datetime | None:
    """Return since when looks at the releases show that what is named is not eligible; `at` is such a look.

    None where it is eligible, and where a window cannot tell.
    """
    seen = named.seen
    if is_accepted(named, board) or not can_tell(run, named, state, board):
        return None
    if run.unlisted_at is not None:
        return run.unlisted_at
    if seen is not None and seen.withdrawn_at is not None:
        return max(seen.withdrawn_at, run.from_at)
    return at


def can_tell(run: NamedRun, named: Named, state: TargetState, board: Board) -> bool:
    """Return whether the last look at the releases could show what is named."""
    return _is_seen_now(named) or _could_show(run, named, state, board)


def _is_seen_now(named: Named) -> bool:
    """Return whether the release was shown, as one that does not count, or shown to be gone."""
    seen = named.seen
    return seen is not None and (not is_gone(seen) or seen.withdrawn_at is not None)


def _could_show(run: NamedRun, named: Named, state: TargetState, board: Board) -> bool:
    side = state.releases_side
    if side.newest is None:
        return True
    if side.chain_at is None or run.from_at <= side.chain_at:
        return False
    # A version from before our time lies behind the window: it may well be there.
    return not board.ranked or not named.place < board.ranked[0][0]


def _why(named: Named, board: Board) -> str:
    seen = named.seen
    if seen is None:
        return "is not in the list of releases"
    if seen.draft:
        return "is a draft"
    if is_gone(seen):
        return "is no longer in the list of releases"
    return "is a pre-release" if is_prerelease(seen, board.scheme) else "is not a release that counts"

"""`ambiguous`: a version whose own date is far from its publication, so that its place is a guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from monitor.checks.board import Board, board_of, is_ignored, is_listed, named_of
from monitor.checks.order import is_misdated
from monitor.checks.policy import in_force_from
from monitor.model import CheckName, Finding, Rules, SeenRelease, Severity, TargetState


def check(state: TargetState, now: datetime, rules: Rules) -> tuple[Finding, ...]:
    """Return the finding that the date in what is named, or in the newest release, cannot be meant."""
    board = board_of(state, rules)
    if board is None or state.metadata.good_at is None or state.releases_side.good_at is None:
        return ()
    for seen in _looked_at(state, board):
        if seen.published_at is not None and _is_ambiguous(seen, board):
            return (_finding(state, seen, seen.published_at, now, rules),)
    return ()


def _looked_at(state: TargetState, board: Board) -> Iterator[SeenRelease]:
    named = named_of(state, board)
    if named is not None and named.seen is not None:
        yield named.seen
    if board.newest is not None:
        yield board.newest


def _is_ambiguous(seen: SeenRelease, board: Board) -> bool:
    if not is_listed(seen) or is_ignored(seen.tag, seen.version, board.policy, board.scheme):
        return False
    return is_misdated(board.scheme, seen)


def _finding(
    state: TargetState, seen: SeenRelease, published_at: datetime, now: datetime, rules: Rules
) -> Finding:
    return Finding(
        check=CheckName.AMBIGUOUS,
        target=state.target,
        since=published_at,
        since_is=seen.published_is,
        fires_at=in_force_from(published_at, rules, now),
        severity=Severity.WARNING,
        sentence=f"the date in {seen.version} is far from its publication on {published_at:%Y-%m-%d};"
        " it is ordered by its publication",
        named=seen.version,
        newest=seen.version,
        metadata_link=state.metadata.link,
        release_link=seen.link,
    )

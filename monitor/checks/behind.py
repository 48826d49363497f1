"""`behind`: releases are out that the metadata does not know of."""

from __future__ import annotations

from datetime import datetime

from monitor.checks.board import Board, Named, board_of, is_listed, missing_of, named_of
from monitor.checks.clocks import Clock, clock_of, covers
from monitor.checks.order import place_of
from monitor.checks.policy import in_force_from
from monitor.model import BehindReason, CheckName, Finding, Rules, SeenRelease, Severity, TargetState


def check(state: TargetState, now: datetime, rules: Rules) -> tuple[Finding, ...]:
    """Return the finding that something is missing; none while either side is unknown."""
    board = board_of(state, rules)
    if board is None or state.releases_side.good_at is None:
        return ()
    named = named_of(state, board)
    if named is None:
        return ()
    finding = _finding(state, now, rules, board, named=named)
    return () if finding is None else (finding,)


def _finding(
    state: TargetState, now: datetime, rules: Rules, board: Board, *, named: Named
) -> Finding | None:
    missing = missing_of(board, named)
    if not missing:
        return None
    clocks = _clocks(state, now, board, missing)
    first = min(clocks, key=lambda clock: clock.at)
    newest = missing[-1]
    # Even for too short a time to have moved a clock: it has been named, or passed.
    is_regress = any(seen.named_at or seen.covered_at for seen in missing)
    return Finding(
        check=CheckName.BEHIND,
        target=state.target,
        since=first.at,
        since_is=first.is_known_by,
        fires_at=in_force_from(first.at + rules.policy.threshold, rules, now),
        severity=Severity.WARNING,
        sentence=f"the metadata {'went back to' if is_regress else 'names'} {named.version};"
        f" {newest.version} is out",
        named=named.version,
        newest=newest.version,
        missing=tuple(seen.tag for seen in missing),
        missing_is_at_least=_is_at_least(state, board, named),
        missing_since=tuple(clock.at for clock in clocks),
        reason=BehindReason.REGRESSED if is_regress else BehindReason.STALE,
        metadata_link=state.metadata.link,
        release_link=newest.link,
    )


def _clocks(
    state: TargetState, now: datetime, board: Board, missing: tuple[SeenRelease, ...]
) -> tuple[Clock, ...]:
    over = covers(state.runs, board)
    return tuple(clock_of(seen, place_of(board.scheme, seen.version, seen), over, now) for seen in missing)


def _is_at_least(state: TargetState, board: Board, named: Named) -> bool:
    """Return whether more may be missing than a window has ever shown us."""
    side = state.releases_side
    if side.newest is None:
        return False
    shown = (state.releases[tag] for tag in side.window_tags if tag in state.releases)
    if any(_is_at_or_below(seen, board, named) for seen in shown):
        return False
    # What was seen since the chain of windows began has left them in our sight.
    seen = named.seen
    return seen is None or not is_listed(seen) or side.chain_at is None or seen.first_seen_at < side.chain_at


def _is_at_or_below(seen: SeenRelease, board: Board, named: Named) -> bool:
    place = place_of(board.scheme, seen.version, seen)
    return place is not None and is_listed(seen) and not place > named.place

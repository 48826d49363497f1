"""Bring what is remembered of each release, and of what is named, up to what the sides say now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from monitor.checks.board import Board, Named, board_of, current_run, eligibility, highest, is_listed
from monitor.checks.memo import Memo
from monitor.checks.order import key_of, place_of
from monitor.checks.unlisted import seen_unlisted_at
from monitor.detector.naming import pruned
from monitor.detector.work import Work
from monitor.model import NamedRun, SeenRelease, Side, TargetState
from monitor.versions import excerpt, scheme_named

_SHOWN = 3


def mark(work: Work, at: datetime) -> None:
    """Mark what has become eligible, listed, named and covered by now; draw up the board of it."""
    if work.state.scheme is None:
        return
    board = _board(work, at)
    run = current_run(work.state)
    if work.good and run is not None:
        board = _of_named(work, board, run, at)
    if Side.RELEASES in work.good and board.strangers:
        work.state = replace(work.state, left_out=(*work.state.left_out, _left_out(board)))
    work.state = replace(work.state, memo=replace(work.state.memo or Memo(), board=board))


def _left_out(board: Board) -> str:
    shown = ", ".join(excerpt(version) for version in board.strangers[:_SHOWN])
    more = ", …" if len(board.strangers) > _SHOWN else ""
    return (
        f"{len(board.strangers):,} are no versions under {board.scheme.name} and are left out: {shown}{more}"
    )


def _board(work: Work, at: datetime) -> Board:
    known = None if work.state.memo is None else work.state.memo.board
    board = board_of(work.state, work.rules)
    if board is not known:
        work.state = replace(work.state, releases=_judged(work, at))
        board = board_of(work.state, work.rules)
    if board is None:
        raise AssertionError("a scheme is decided, so there is a board")
    return board


def _judged(work: Work, at: datetime) -> Mapping[str, SeenRelease]:
    """Return the releases with what the policy makes of each; the very mapping where that is as before."""
    state, policy = work.state, work.rules.policy
    scheme = scheme_named(state.scheme or "")
    changed = {}
    for tag, seen in state.releases.items():
        eligible = eligibility(seen, policy, scheme)
        if eligible is seen.eligible:
            continue
        promoted_at = at if eligible and seen.eligible is False else seen.eligible_at
        changed[tag] = replace(seen, eligible=eligible, eligible_at=promoted_at)
    return {**state.releases, **changed} if changed else state.releases


def _of_named(work: Work, board: Board, run: NamedRun, at: datetime) -> Board:
    state = work.state
    named = highest(run.versions, board)
    if named is None:
        return board
    marked = replace(run, listed=_listed(run, board))
    if Side.RELEASES in work.good:
        marked = replace(marked, unlisted_at=seen_unlisted_at(run, named, state, board, at))
    runs = state.runs if marked == run else (*state.runs[:-1], marked)
    if work.is_named_anew:
        runs = pruned(runs, board)
    releases = _covered(state, board, marked, named, at)
    if runs is not state.runs or releases is not state.releases:
        work.state = replace(state, runs=runs, releases=releases)
    return _rebased(board, work.state)


def _listed(run: NamedRun, board: Board) -> tuple[str, ...]:
    now = tuple(version for version in run.versions if _is_listed(version, board))
    return run.listed if now == run.listed else tuple(dict.fromkeys((*run.listed, *now)))


def _is_listed(version: str, board: Board) -> bool:
    seen = board.by_key.get(key_of(board.scheme.name, version))
    return seen is not None and is_listed(seen)


def _covered(
    state: TargetState, board: Board, run: NamedRun, named: Named, at: datetime
) -> Mapping[str, SeenRelease]:
    """Return the releases with those marked that the metadata names now, or has passed."""
    changed: dict[str, SeenRelease] = {}
    if named.seen is not None and is_listed(named.seen):
        for tag, seen in state.releases.items():
            if seen.covered_at is None and is_listed(seen) and _is_passed(seen, board, named):
                changed[tag] = replace(seen, covered_at=at)
    for version in run.versions:
        is_named = board.by_key.get(key_of(board.scheme.name, version))
        if is_named is not None and is_named.named_at is None:
            changed[is_named.tag] = replace(changed.get(is_named.tag, is_named), named_at=run.from_at)
    return {**state.releases, **changed} if changed else state.releases


def _is_passed(seen: SeenRelease, board: Board, named: Named) -> bool:
    place = place_of(board.scheme, seen.version, seen)
    return place is not None and not place > named.place


def _rebased(board: Board, state: TargetState) -> Board:
    """Return the board with the releases as they are marked now; marks move no place."""
    releases = state.releases
    if board.releases is releases:
        return board
    return replace(
        board,
        releases=releases,
        by_key={key: releases[seen.tag] for key, seen in board.by_key.items()},
        eligible=tuple((place, releases[seen.tag]) for place, seen in board.eligible),
    )

"""Bring what is remembered of each release, and of what is named, up to what the sides say now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.checks.board import (
    Board,
    Named,
    amended,
    current_run,
    drawn_up,
    eligibility,
    highest,
    is_listed,
)
from monitor.checks.memo import Memo
from monitor.checks.order import key_of, place_of
from monitor.checks.unlisted import seen_unlisted_at
from monitor.detector.naming import pruned
from monitor.detector.work import Work
from monitor.model import NamedRun, SeenRelease, Side
from monitor.versions import Scheme, excerpt, scheme_named

_SHOWN = 3


def mark(work: Work, at: datetime) -> None:
    """Mark what has become eligible, listed, named and covered by now; draw up the board of it."""
    if work.state.scheme is None:
        return
    board = _board(work, at)
    run = current_run(work.state)
    if work.good and run is not None:
        board = _of_named(work, board, run, at)
    if Side.RELEASES in work.good and board.strangers and (why := _left_out(board)) is not None:
        work.state = replace(work.state, left_out=(*work.state.left_out, why))
    work.state = replace(work.state, memo=replace(work.state.memo or Memo(), board=board))


def _left_out(board: Board) -> str | None:
    """Return what is listed and does not parse, as a sentence; None where everything does."""
    listed = [
        seen.version for tag, seen in board.releases.items() if tag in board.strangers and is_listed(seen)
    ]
    if not listed:
        return None
    shown = ", ".join(excerpt(version) for version in listed[:_SHOWN]) + (
        ", …" if len(listed) > _SHOWN else ""
    )
    return f"{len(listed):,} are no versions under {board.scheme.name} and are left out: {shown}"


def _board(work: Work, at: datetime) -> Board:
    """Return the board, and see to it that every release says whether it counts."""
    state, policy = work.state, work.rules.policy
    scheme = scheme_named(state.scheme or "")
    board: Board | None = None if state.memo is None else state.memo.board
    if board is None or board.scheme.name != scheme.name or board.policy != policy:
        work.state = replace(state, releases=_judged(work, scheme, state.releases, at))
        return drawn_up(work.state.releases, policy, scheme)
    if not work.changed:
        return board
    releases = _judged(work, scheme, work.changed, at)
    work.state = replace(state, releases=releases)
    return amended(board, releases, work.changed)


def _judged(work: Work, scheme: Scheme, tags: Iterable[str], at: datetime) -> Mapping[str, SeenRelease]:
    """Return the releases with what the policy makes of these; the very mapping where that is as before."""
    known, policy = work.state.releases, work.rules.policy
    changed = {}
    for tag in tags:
        seen = known[tag]
        eligible = eligibility(seen, policy, scheme)
        if eligible is seen.eligible:
            continue
        promoted_at = at if eligible and seen.eligible is False else seen.eligible_at
        changed[tag] = replace(seen, eligible=eligible, eligible_at=promoted_at)
    return {**known, **changed} if changed else known


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
    marks = _marks(work, board, marked, named, at=at)
    if marks or runs is not state.runs:
        work.state = replace(
            state, runs=runs, releases={**state.releases, **marks} if marks else state.releases
        )
    return replace(board, releases=work.state.releases) if marks else board


def _listed(run: NamedRun, board: Board) -> tuple[str, ...]:
    now = tuple(version for version in run.versions if _is_listed(version, board))
    return run.listed if now == run.listed else tuple(dict.fromkeys((*run.listed, *now)))


def _is_listed(version: str, board: Board) -> bool:
    seen = _named(version, board)
    return seen is not None and is_listed(seen)


def _named(version: str, board: Board) -> SeenRelease | None:
    key = key_of(board.scheme.name, version)
    return None if key is None else board.release(key)


def _marks(
    work: Work, board: Board, run: NamedRun, named: Named, *, at: datetime
) -> Mapping[str, SeenRelease]:
    """Return the releases to be marked: those that the metadata names now, or has passed."""
    marks: dict[str, SeenRelease] = {}
    is_anew = work.is_named_anew or work.is_listed_anew or not work.is_settled
    if is_anew and named.seen is not None and is_listed(named.seen):
        for tag, seen in work.state.releases.items():
            if seen.covered_at is None and is_listed(seen) and _is_passed(seen, board, named):
                marks[tag] = replace(seen, covered_at=at)
    for version in run.versions:
        seen_named = _named(version, board)
        if seen_named is not None and seen_named.named_at is None:
            marks[seen_named.tag] = replace(marks.get(seen_named.tag, seen_named), named_at=run.from_at)
    return marks


def _is_passed(seen: SeenRelease, board: Board, named: Named) -> bool:
    place = place_of(board.scheme, seen.version, seen)
    return place is not None and not place > named.place

"""Unchanged looks: which of them change nothing but instants, and the short way that they take."""

from __future__ import annotations

from datetime import datetime

from monitor import lifecycle
from monitor.checks.board import Board, current_run, named_of
from monitor.checks.memo import Memo
from monitor.checks.unlisted import is_accepted
from monitor.detector.copying import replacing
from monitor.detector.judging import is_awake
from monitor.detector.mending import UNSET_BEFORE
from monitor.detector.work import Work
from monitor.model import Alert, AlertState, Observation, Side, SideState, TargetState

_NONE: frozenset[Side] = frozenset()
# An unchanged look is by far the most frequent one, and these copies are most of what it costs.
_moved = replacing(SideState, "looked_at", "good_at", "complete_at", "cache_age_for")
_with_metadata = replacing(TargetState, "metadata")
_with_releases = replacing(TargetState, "releases_side")


def touched(state: TargetState, observation: Observation) -> TargetState | None:
    """Return the state with its instants moved on, where this look shows what the last one did.

    None where the whole step is needed: something is due, or would change.
    """
    memo, at = state.memo, observation.at
    if memo is None or observation.side not in memo.quiet or observation.got.confirm:
        return None
    if memo.next_at is not None and at >= memo.next_at:
        return None
    known = memo.metadata if observation.side is Side.METADATA else memo.releases
    if observation.outcome is not known and observation.outcome != known:
        return None
    if not (_is_later(state.metadata, at) and _is_later(state.releases_side, at)):
        return None
    side = state.side(observation.side)
    complete_at = at if side.newest is None else side.complete_at
    moved = _moved(side, at, at, complete_at, observation.got.cache_age_for)
    return _with_metadata(state, moved) if observation.side is Side.METADATA else _with_releases(state, moved)


def _is_later(side: SideState, at: datetime) -> bool:
    return side.looked_at is not None and UNSET_BEFORE <= side.looked_at <= at


def quiet_sides(work: Work, before: Memo) -> frozenset[Side]:
    """Return the sides of which the same reading once more would change nothing but instants."""
    board: Board | None = work.state.memo.board if work.state.memo is not None else None
    if board is None or board.is_flickering or not work.is_settled or not is_awake(work):
        return _NONE
    if not work.good and board is not before.board:
        return _NONE
    if any(_is_due(alert, work.now) for alert in work.state.alerts):
        return _NONE
    quiet = frozenset(side for side in Side if _is_quiet(work.state, side, board))
    return quiet if work.good else quiet & before.quiet


def _is_due(alert: Alert, now: datetime) -> bool:
    """Return whether the alert waits for something that a look may bring, or is over and to be let go of."""
    if alert.state not in lifecycle.OPEN:
        return True
    if alert.state is AlertState.PENDING:
        return alert.fires_at <= now
    critical_at = lifecycle.escalates_at(alert)
    return critical_at is not None and critical_at <= now


def _is_quiet(state: TargetState, side: Side, board: Board) -> bool:
    if any(state.side(each).good_at is None for each in Side):
        return False
    remembered = state.side(side)
    if remembered.failed or remembered.malformed_at is not None:
        return False
    run = current_run(state)
    named = named_of(state, board)
    if run is None or named is None:
        return False
    return side is Side.METADATA or run.unlisted_at is not None or is_accepted(named, board)

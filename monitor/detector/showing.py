"""What a status shows of a target, from the code that judges it."""

from __future__ import annotations

from monitor.checks.board import board_of, missing_of, named_of
from monitor.model import Rules, TargetState


def named(state: TargetState, rules: Rules) -> str | None:
    """Return the highest version that the metadata names, None while it is unknown."""
    board = board_of(state, rules)
    highest = None if board is None else named_of(state, board)
    if highest is None:
        run = state.runs[-1] if state.runs and state.metadata.good_at is not None else None
        return run.versions[0] if run is not None and len(run.versions) == 1 else None
    return highest.version


def newest(state: TargetState, rules: Rules) -> str | None:
    """Return the highest version that is out and counts, None where there is none."""
    board = board_of(state, rules)
    return None if board is None or board.newest is None else board.newest.version


def missing(state: TargetState, rules: Rules) -> tuple[str, ...]:
    """Return the tags that the metadata lacks, in rising order; none while either side is unknown."""
    board = board_of(state, rules)
    highest = None if board is None else named_of(state, board)
    if board is None or highest is None or state.releases_side.good_at is None:
        return ()
    return tuple(seen.tag for seen in missing_of(board, highest))

"""What is kept in memory beside a state, so that a look which shows nothing new costs little."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.checks.board import Board
from monitor.model import Reading, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """All of it follows from the state and the looks that made it; a state without one only costs more.

    `quiet` are the sides of which the same reading once more would move instants and nothing else, before
    `next_at`.
    """

    board: Board | None = None
    metadata: Reading | None = None
    releases: Reading | None = None
    quiet: frozenset[Side] = frozenset()
    next_at: datetime | None = None

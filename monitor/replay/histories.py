"""Histories that can be played: under one policy, or under several to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from monitor.errors import ParseError
from monitor.model import Policy, SinceClock, Source, Target
from monitor.replay.moments import moments_of
from monitor.replay.player import Replay, play
from monitor.replay.rows import Row, Word

Progress = Callable[[], None]
UNKNOWN = Source(kind="history", spec=None)
"""The source of a side of which only the history is known."""


Change = Callable[[Policy], Policy]
"""What is done to a policy before a history is played under it."""


def nobody_watches() -> None:
    """Show nothing."""


class History(Protocol):
    """What happened, and how it is played. `steps` is how often `progress` is called, about."""

    @property
    def name(self) -> str:
        """What the history is of."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures should know."""
        ...

    @property
    def steps(self) -> int:
        """How many steps it takes to play it, about."""
        ...

    def play(self, change: Change, progress: Progress = ...) -> Replay:
        """Return what would have come of it under its own policy, or the default one, changed like this."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RowHistory:
    """A history in rows, in order of time; it ends at `until_at`, or else at its last row."""

    name: str
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()
    pattern: str | None = None
    until_at: datetime | None = None
    metadata: Source = field(default=UNKNOWN)

    @property
    def steps(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def play(self, change: Change, progress: Progress = nobody_watches) -> Replay:
        """Return what would have come of it under the default policy, changed like this."""
        policy = change(Policy())
        target = Target(name=self.name, metadata=self.metadata, releases=UNKNOWN, policy=policy)
        moments = moments_of(self.rows, target=self.name, tags=policy.tags, pattern=self.pattern)
        return play(moments, target, until_at=self.until_at or self.rows[-1].at, progress=progress)


def dated_by(rows: Sequence[Row], published: Sequence[Row], name: str) -> tuple[tuple[Row, ...], str]:
    """Return the rows with the releases where their publications put them, and a note of how many.

    `published` are rows of the file called `name`; only its `release` rows count, and only for releases that
    `rows` has.

    Raises:
        ParseError: it has none of them.
    """
    dates = {row.value: row.at for row in published if row.word is Word.RELEASE and row.value}
    tags = {row.value for row in rows if row.word is Word.RELEASE and row.value}
    known = tags & dates.keys()
    if not known:
        raise ParseError(f"{name} has no publication of any of the {len(tags)} releases of the history")
    moved = [
        replace(row, at=dates[row.value], known_by=SinceClock.PUBLISHED)
        if row.word is Word.RELEASE and row.value in known
        else row
        for row in rows
    ]
    note = f"{len(known)} of {len(tags)} releases are dated by their publication in {name}"
    return tuple(sorted(moved, key=lambda row: row.at)), note

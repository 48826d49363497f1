"""How one target stands, from the code that judges it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.checks.board import Board, board_of, current_run, missing_of, named_of
from monitor.model import Alert, AlertState, CheckName, Finding, Rules, SinceClock, TargetState
from monitor.status.words import Word, deciding, word_of

OPEN = frozenset({AlertState.PENDING, AlertState.FIRING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is true of a target by its state alone.

    `alert` is the one that `word` stands for, None where nothing is wrong; `since` and `since_is` are its
    own, and so is `fires_at` while it is pending. `missing` are tags in rising order. `behind_since` is the
    clock of the first missing release, None where nothing is missing or that is not known yet.
    """

    word: Word
    alert: Alert | None
    named: str | None
    newest: str | None
    missing: tuple[str, ...]
    missing_is_at_least: bool
    since: datetime | None
    since_is: SinceClock | None
    fires_at: datetime | None
    behind_since: datetime | None

    @property
    def alert_id(self) -> int | None:
        """The number of the alert that the word stands for; a pending one has none."""
        return None if self.alert is None else self.alert.id

    def lag_for(self, now: datetime) -> timedelta | None:
        """Return how long the metadata has been behind: zero where it is not, None where unknown."""
        if self.behind_since is not None:
            return max(now - self.behind_since, timedelta(0))
        return None if self.missing or self.named is None or self.newest is None else timedelta(0)


def judge(state: TargetState, rules: Rules) -> Judgement:
    """Return how the target stands now."""
    alert, board = deciding(state.alerts), board_of(state, rules)
    missing = _missing(state, board)
    behind = _behind(state) if missing else None
    about = None if alert is None else alert.finding or alert
    return Judgement(
        word=word_of(state, alert, is_blind=rules.is_blind),
        alert=alert,
        named=_named(state, board),
        newest=board.newest.version if board is not None and board.newest is not None else None,
        missing=missing,
        missing_is_at_least=behind is not None and behind.missing_is_at_least,
        since=None if about is None else about.since,
        since_is=None if about is None else about.since_is,
        fires_at=alert.fires_at if alert is not None and alert.state is AlertState.PENDING else None,
        behind_since=None if behind is None else behind.since,
    )


def _named(state: TargetState, board: Board | None) -> str | None:
    """Return the highest version that is named, or the only one while there is no scheme to order them by."""
    highest = None if board is None else named_of(state, board)
    if highest is not None:
        return highest.version
    run = current_run(state)
    return run.versions[0] if run is not None and len(run.versions) == 1 else None


def _missing(state: TargetState, board: Board | None) -> tuple[str, ...]:
    """Return the tags that are missing, in rising order; none while either side is unknown."""
    highest = None if board is None else named_of(state, board)
    if board is None or highest is None or state.releases_side.good_at is None:
        return ()
    return tuple(seen.tag for seen in missing_of(board, highest))


def _behind(state: TargetState) -> Finding | None:
    """Return today's finding that something is missing; None before the step that finds it."""
    alerts = (alert for alert in state.alerts if alert.check is CheckName.BEHIND and alert.state in OPEN)
    return next((alert.finding for alert in alerts), None)

"""Play what a daemon recorded: as it was, or as it would have been under another policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from monitor import detector
from monitor.config.durations import parse_duration
from monitor.config.flags import policy_with
from monitor.detector import Ask
from monitor.errors import ConfigError, ParseError
from monitor.model import Got, Observation, Policy, Rules, Target, TargetState
from monitor.replay.histories import UNKNOWN, Change, Progress, nobody_watches
from monitor.replay.player import Player, Replay
from monitor.replay.recording import Blind, Recording, Up, Version
from monitor.replay.telling import Telling

_ANSWERED_WITHIN = timedelta(minutes=2)
"""A look that was asked for has come by then."""


class _Order(IntEnum):
    """What comes first at one instant."""

    STOP = 0
    START = 1
    VERSION = 2
    LOOK = 3
    BLIND = 4
    SEEING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happening:
    at: datetime
    order: _Order
    what: Any
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHistory:
    """The recorded history of one target."""

    recording: Recording
    notes: tuple[str, ...] = ()
    ends_at: datetime | None = None

    @property
    def name(self) -> str:
        """The target's name."""
        return self.recording.target

    @property
    def steps(self) -> int:
        """How many looks there are."""
        return len(self.recording.looks)

    @property
    def until_at(self) -> datetime:
        """Where it ends: with the last look, or with what is later of our own being up."""
        if self.ends_at is not None:
            return self.ends_at
        return max((self.recording.looks[-1].at, *(up.until_at for up in self.recording.ups[-1:])))

    def play(self, change: Change, progress: Progress = nobody_watches) -> Replay:
        """Return what would have come of it with every policy that was in force changed like this."""
        return _Rerun(self.recording, change).play(self.until_at, progress)


def recorded_history(recording: Recording, until_at: datetime | None = None) -> RecordedHistory:
    """Return the history of what was recorded, up to this instant."""
    notes = []
    if not any(version.table for version in recording.versions):
        notes.append("no policy was recorded; it is played under the default one and what is given here")
    return RecordedHistory(recording=recording, notes=tuple(notes), ends_at=until_at)


@dataclass(slots=True)
class _Rerun:
    """One recording being played. `place` is that of the next look, `table` the target's in force."""

    recording: Recording
    change: Change
    player: Player = field(init=False)
    place: int = 0
    is_up: bool = True
    is_watched: bool = True
    table: Any = None

    def __post_init__(self) -> None:
        name = self.recording.target
        # What was imported before the first run goes by the first policy that is known.
        table = next((version.table for version in self.recording.versions if version.table), {})
        policy = self.change(_policy(table))
        self.player = Player(
            target=_target(name, policy, {}),
            # Before the first run there is what was imported: a history, in which every look is right.
            rules=Rules(target=name, policy=policy, second_look=False),
            state=TargetState(target=name),
            telling=Telling(target=_target(name, policy, {}), silences=self.recording.silences),
            answer=self._answer,
        )

    def play(self, until_at: datetime, progress: Progress) -> Replay:
        """Play it up to and including this instant."""
        for happening in _happenings(self.recording):
            if happening.at > until_at:
                break
            if self.is_up and self.is_watched:
                self.player.pass_through(happening.at)
            _DOES[happening.order](self, happening)
            if happening.order is _Order.LOOK:
                progress()
        return self.player.ended(until_at) if self.is_up else self.player.stopped(until_at)

    # --- what happens --------------------------------------------------------------------------

    def look(self, happening: _Happening) -> None:
        """Take in one look, or those of one instant before the first run."""
        observation: Observation = happening.what
        self.place = happening.place + 1
        if not self.is_watched:
            return
        if self.player.rules.second_look:
            self.player.observe(observation)
            return
        upcoming = self.recording.looks[self.place : self.place + 1]
        self.player.gather(observation)
        if not (upcoming and upcoming[0].at == observation.at):
            self.player.judge_gathered(observation.at)

    def stop(self, _: _Happening) -> None:
        """Let the daemon be down: nothing is due."""
        self.is_up = False
        self.player.sleep()

    def start(self, happening: _Happening) -> None:
        """Let the daemon be up again: our absence excuses silence of ours."""
        up: Up = happening.what
        self.is_up = True
        if up.down_from_at is not None:
            self.player.state = detector.resumed(self.player.state, up.down_from_at, up.from_at)
        self.player.rules = replace(self.player.rules, second_look=True, started_at=up.from_at)

    def use(self, happening: _Happening) -> None:
        """Put a configuration in force; one that says the same of the target matters only at a start."""
        version: Version = happening.what
        player = self.player
        if version.table is None:
            if self.is_watched:
                player.keep(detector.dropped(player.state, version.at), version.at)
                player.state = TargetState(target=self.recording.target)
            self.is_watched, self.table = False, None
            return
        if version.table == self.table and not version.is_start:
            return
        self.is_watched, self.table = True, version.table
        policy = self.change(_policy(version.table))
        player.state = detector.adopted(player.state, version.marks(policy), version.at)
        player.target = player.telling.target = _target(self.recording.target, policy, version.table)
        player.rules = replace(
            player.rules,
            policy=policy,
            interval=player.target.interval,
            policy_at=player.state.marks.policy_at,
        )
        player.keep(detector.step(player.state, None, version.at, player.rules), version.at)

    def lose_sight(self, _: _Happening) -> None:
        """Hold everything."""
        self.player.rules = replace(self.player.rules, is_blind=True)

    def see_again(self, happening: _Happening) -> None:
        """Treat the end of blindness as a start."""
        blind: Blind = happening.what
        player = self.player
        player.rules = replace(player.rules, is_blind=False, started_at=happening.at)
        player.state = detector.resumed(player.state, blind.since, happening.at)
        player.keep(detector.step(player.state, None, happening.at, player.rules), happening.at)

    # --- looks that are asked for --------------------------------------------------------------

    def _answer(self, ask: Ask, at: datetime) -> Observation | None:
        """Return the look that is asked for, None where the daemon's own follows, or none could be had."""
        if not self.player.rules.second_look or self._has_answer(ask, at):
            return None
        outcome = self.recording.in_force(ask.side, at)
        if outcome is None:
            return None
        got = Got(confirm=ask.confirm)
        return Observation(target=self.recording.target, side=ask.side, at=at, outcome=outcome, got=got)

    def _has_answer(self, ask: Ask, at: datetime) -> bool:
        until_at = at + _ANSWERED_WITHIN
        for look in self.recording.looks[self.place :]:
            if look.at > until_at:
                break
            if look.side is ask.side and (look.got.confirm or not ask.confirm):
                return True
        return any(at <= up.until_at < until_at for up in self.recording.ups)


_DOES: dict[_Order, Callable[[_Rerun, _Happening], None]] = {
    _Order.STOP: _Rerun.stop,
    _Order.START: _Rerun.start,
    _Order.VERSION: _Rerun.use,
    _Order.LOOK: _Rerun.look,
    _Order.BLIND: _Rerun.lose_sight,
    _Order.SEEING: _Rerun.see_again,
}


def _happenings(recording: Recording) -> Sequence[_Happening]:
    return sorted(_unsorted(recording), key=lambda each: (each.at, each.order, each.place))


def _unsorted(recording: Recording) -> Iterator[_Happening]:
    for up in recording.ups:
        yield _Happening(at=up.from_at, order=_Order.START, what=up)
        yield _Happening(at=up.until_at, order=_Order.STOP, what=up)
    for place, version in enumerate(recording.versions):
        yield _Happening(at=version.at, order=_Order.VERSION, what=version, place=place)
    for blind in recording.blind:
        yield _Happening(at=blind.from_at, order=_Order.BLIND, what=blind)
        if blind.until_at is not None:
            yield _Happening(at=blind.until_at, order=_Order.SEEING, what=blind)
    for place, look in enumerate(recording.looks):
        yield _Happening(at=look.at, order=_Order.LOOK, what=look, place=place)


def _policy(table: Any) -> Policy:
    """Return the policy as it was recorded; what cannot be read any more has its default."""
    keys = {each.name: table[each.name] for each in fields(Policy) if each.name in table}
    try:
        return policy_with(keys)
    except ConfigError:
        return Policy()


def _target(name: str, policy: Policy, table: Any) -> Target:
    try:
        interval = parse_duration(table["interval"])
    except (KeyError, ParseError):
        interval = timedelta(minutes=5)
    labels = table.get("labels") or {}
    return Target(
        name=name, metadata=UNKNOWN, releases=UNKNOWN, policy=policy, interval=interval, labels=labels
    )

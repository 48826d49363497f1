"""Play a history through the heart that `run` uses: detector, lifecycle, dispatch, on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from monitor import detector, lifecycle
from monitor.detector import Ask, Step
from monitor.model import (
    Alert,
    CheckName,
    Event,
    Notification,
    Observation,
    Rules,
    Side,
    Target,
    TargetState,
)
from monitor.replay.moments import Moment
from monitor.replay.telling import YOU, Telling

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which something was missing; `until_at` is None where it still is."""

    from_at: datetime
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of a history.

    `alerts` are those that fired, as they are at the end, in the order of firing. `known_at` is the first
    look by which both sides were known, None where they never were.
    """

    rules: Rules
    alerts: tuple[Alert, ...]
    messages: tuple[Notification, ...]
    events: tuple[Event, ...]
    drifts: tuple[Span, ...]
    state: TargetState
    known_at: datetime | None
    until_at: datetime
    looks: int


def rules_of_history(target: Target) -> Rules:
    """Return the rules of a history: every look is right, so none is asked for twice."""
    return Rules(target=target.name, policy=target.policy, interval=target.interval, second_look=False)


def _nobody(ask: Ask, at: datetime) -> Observation | None:  # noqa: ARG001 answers as whoever is asked
    """Look at nothing: in a history all that there is to see is given."""
    return None


@dataclass(slots=True, kw_only=True)
class Player:
    """A history being played; `state` may be what an earlier part of it left.

    `answer` makes the look that the detector asks for, or returns None where there is none to be had.
    """

    target: Target
    rules: Rules
    state: TargetState
    telling: Telling
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    answer: Callable[[Ask, datetime], Observation | None] = _nobody
    events: list[Event] = field(default_factory=list)
    drifts: list[Span] = field(default_factory=list)
    known_at: datetime | None = None
    looks: int = 0
    _gathered: list[Observation] = field(default_factory=list)
    _wakes_at: datetime | None = None
    _tells_at: datetime | None = None

    def look(self, moment: Moment) -> None:
        """Let the time pass until this moment, and take in what there is to see."""
        self.pass_until(moment.at)
        self._see(moment.looks, moment.at)

    def gather(self, observation: Observation) -> None:
        """Keep one of the looks of an instant until the others are there."""
        self._gathered.append(observation)

    def judge_gathered(self, at: datetime) -> None:
        """Take in the looks that were gathered."""
        looks, self._gathered = tuple(self._gathered), []
        self._see(looks, at)

    def observe(self, observation: Observation) -> None:
        """Take in one look as the daemon does, the short way where it shows nothing new."""
        self.looks += 1
        touched = detector.touched(self.state, observation)
        if touched is not None:
            self.state = touched
            return
        at = observation.at
        self.keep(detector.step(self.state, observation, at, self.rules), at)
        self._note_known(at)

    def _see(self, looks: Sequence[Observation], at: datetime) -> None:
        self.looks += len(looks)
        self.keep(detector.together(self.state, looks, at, self.rules), at)
        self._note_known(at)

    def _note_known(self, at: datetime) -> None:
        if self.known_at is None and all(self.state.side(side).good_at is not None for side in Side):
            self.known_at = at

    def pass_through(self, at: datetime) -> None:
        """Let everything happen that is due by then."""
        self.pass_until(at + MOMENT)

    def pass_until(self, until: datetime) -> None:
        """Let everything happen that is due before then."""
        while True:
            due = min((at for at in (self._wakes_at, self._tells_at) if at is not None), default=until)
            if due >= until:
                return
            if due == self._wakes_at:
                self.keep(detector.step(self.state, None, due, self.rules), due)
            else:
                self._tells_at = self.telling.tell(due)

    def wake_at(self, at: datetime | None) -> None:
        """Judge what is remembered at this instant, to learn what is due after it."""
        self._wakes_at = at

    def sleep(self) -> None:
        """Let nothing be due by itself, until the next step says what is."""
        self._wakes_at = self._tells_at = None

    def ended(self, at: datetime) -> Replay:
        """Let everything happen that is due by then, and return what came of it all."""
        self.pass_through(at)
        return self.stopped(at)

    def stopped(self, at: datetime) -> Replay:
        """Return what came of it all until then, with nobody there to do what is due."""
        return Replay(
            rules=self.rules,
            alerts=tuple(sorted(self.telling.alerts.values(), key=_order)),
            messages=tuple(self.telling.sent),
            events=tuple(self.events),
            drifts=tuple(self.drifts),
            state=self.state,
            known_at=self.known_at,
            until_at=at,
            looks=self.looks,
        )

    def keep(self, step: Step, at: datetime) -> None:
        """Take over what a step of the detector left, tell what is due by it, and look where it asks."""
        step = detector.numbered(step, self.ids)
        self.state, self._wakes_at = step.state, step.next_at
        self.events += step.events
        self._mark_drift(at)
        self.telling.note(self.state.alerts)
        self._tells_at = self.telling.tell(at)
        for ask in step.asks:
            observation = self.answer(ask, at)
            if observation is not None:
                self.observe(observation)

    def _mark_drift(self, at: datetime) -> None:
        behind = [
            alert
            for alert in self.state.alerts
            if alert.check is CheckName.BEHIND and alert.state in lifecycle.OPEN
        ]
        is_open = bool(self.drifts) and self.drifts[-1].until_at is None
        if behind and not is_open:
            self.drifts.append(Span(from_at=min(at, behind[0].since)))
        elif is_open and not behind:
            self.drifts[-1] = Span(from_at=self.drifts[-1].from_at, until_at=at)


def player_of(
    target: Target,
    *,
    receivers: tuple[str, ...] = (YOU,),
    state: TargetState | None = None,
    ids: Iterator[int] | None = None,
) -> Player:
    """Return a player of this target's history, from the beginning or from what is remembered.

    `ids` are the numbers that alerts get, by default 1, 2, 3.
    """
    player = Player(
        target=target,
        rules=rules_of_history(target),
        state=state or TargetState(target=target.name),
        telling=Telling(target=target, receivers=receivers),
        ids=ids or count(1),
    )
    if state is not None:
        player.telling.note(state.alerts)
        player.wake_at(detector.latest_look(state))
    return player


def play(
    moments: Iterable[Moment],
    target: Target,
    *,
    until_at: datetime,
    receivers: tuple[str, ...] = (YOU,),
    progress: Callable[[], None] = lambda: None,
) -> Replay:
    """Play these moments, which are in order of time, up to and including `until_at`."""
    player = player_of(target, receivers=receivers)
    for moment in moments:
        if moment.at > until_at:
            break
        player.look(moment)
        progress()
    return player.ended(until_at)


def _order(alert: Alert) -> tuple[datetime, str, int]:
    return alert.fired_at or alert.known_at, alert.check, alert.id or 0

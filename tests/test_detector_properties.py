"""What holds of the detector whatever happens: looks, clocks and policies made up at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import detector
from monitor.checks.board import Board, drawn_up
from monitor.detector import Step
from monitor.model import (
    AlertState,
    CheckName,
    EventKind,
    Failure,
    Got,
    Observation,
    Policy,
    Reading,
    Reason,
    Release,
    Rollback,
    Rules,
    Side,
    Switch,
    TargetState,
)
from monitor.status import judge
from tests.scenarios.heart import Heart
from tests.scenarios.reading import Happening, Scenario

START = datetime(2024, 10, 16, 12, 0, tzinfo=UTC)
VERSIONS = ("1.0.0", "1.1.0", "1.1.0-rc.1", "1.2.0", "2.0.0", "20250323", "20241016", "249", "d09ff92", "")
BEGINS_OR_ENDS = {EventKind.OPENED, EventKind.RESOLVED, EventKind.RETURNED}


def minutes(least: int, most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(min_value=least, max_value=most).map(lambda count: timedelta(minutes=count))


publications = st.none() | minutes(-200_000, 300).map(lambda span: START + span)
releases = st.builds(
    Release,
    tag=st.sampled_from(VERSIONS),
    version=st.sampled_from(VERSIONS),
    published_at=publications,
    prerelease=st.sampled_from([None, True, False]),
    draft=st.booleans(),
    withdrawn=st.booleans(),
)
readings = st.builds(
    Reading,
    releases=st.lists(releases, max_size=5, unique_by=lambda release: release.tag).map(tuple),
    newest=st.sampled_from([None, None, 3]),
    left_out=st.sampled_from([(), ("2 of 7 do not match",)]),
)
failures = st.builds(
    Failure, reason=st.sampled_from(Reason), sentence=st.just("failed"), answered=st.booleans()
)
policies = st.builds(
    Policy,
    scheme=st.sampled_from(["auto", "semver", "calver", "numeric", "pep440", "published"]),
    prereleases=st.booleans(),
    ignore=st.sampled_from([(), ("1.2.0",), ("20250323", "nothing")]),
    threshold=minutes(0, 60),
    unlisted=st.sampled_from(Switch),
    rollback=st.sampled_from(Rollback),
)


@dataclass(frozen=True)
class Move:
    """One thing that happens: a look or none, this long after the last one, under these rules."""

    after: timedelta
    side: Side
    outcome: Reading | Failure | None
    confirm: bool
    what: str


moves = st.builds(
    Move,
    after=minutes(0, 40) | minutes(-90, 3000),
    side=st.sampled_from(Side),
    outcome=st.none() | readings | readings | failures,
    confirm=st.booleans(),
    what=st.sampled_from(["look", "look", "look", "look", "resume", "change", "rename", "rules"]),
)


class Play:
    """Moves being made, one after the other; `forgets` stores the state before each, as a restart does."""

    def __init__(self, policy: Policy, *, second_look: bool = True, forgets: bool = False) -> None:
        self.rules = Rules(target="pbs", policy=policy, started_at=START, second_look=second_look)
        self.state = TargetState(target="pbs")
        self.now = START
        self.forgets = forgets

    def make(self, move: Move) -> Step:
        self.now += move.after
        if move.what == "resume":
            self.state = detector.resumed(self.state, self.now - timedelta(hours=1), self.now)
            self.rules = replace(self.rules, started_at=self.now)
        if move.what == "change":
            self.state = detector.reconfigured(self.state, {move.side}, scheme_changed=move.confirm)
        if move.what == "rename":
            self.state = detector.renamed(self.state, "pbs")
        if move.what == "rules":
            self.rules = replace(self.rules, policy_at=self.now, is_blind=move.confirm)
        if self.forgets:
            self.state = _stored(self.state)
        return self._step(move)

    def _step(self, move: Move) -> Step:
        observation = None
        if move.outcome is not None:
            got = Got(confirm=move.confirm)
            observation = Observation(
                target="pbs", side=move.side, at=self.now, outcome=move.outcome, got=got
            )
            touched = detector.touched(self.state, observation)
            if touched is not None:
                step = Step(state=touched)
                self.state = touched
                return step
        step = detector.step(self.state, observation, self.now, self.rules)
        self.state = step.state
        return step


def _stored(state: TargetState) -> TargetState:
    """Return the state as it comes back from where it was written."""
    written = msgspec.json.encode(replace(state, memo=None))
    return msgspec.json.decode(written, type=TargetState)


@given(policies, st.lists(moves, max_size=20), st.booleans())
@settings(deadline=None, max_examples=60)
def test_no_reading_and_no_clock_makes_a_step_fail(
    policy: Policy, moves: list[Move], second_look: bool
) -> None:
    play = Play(policy, second_look=second_look)
    for move in moves:
        step = play.make(move)
        assert step.next_at is None or step.next_at > play.now
        assert _is_drawn_up(play.state.memo.board)
        judge(play.state, play.rules)
    assert not [alert for alert in detector.dropped(play.state, play.now).state.alerts if not alert.fired_at]


def _is_drawn_up(board: Board | None) -> bool:
    """Return whether a board that was amended again and again is the one that is drawn up of it all."""
    if board is None:
        return True
    whole = drawn_up(board.releases, board.policy, board.scheme)
    assert {key: tags for key, tags in board.same.items() if tags} == whole.same
    assert [tag for _, tag in board.ranked] == [tag for _, tag in whole.ranked]
    return (board.strangers, board.is_flickering) == (whole.strangers, whole.is_flickering)


@given(policies, st.lists(moves, max_size=15), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_state_that_was_stored_in_between_goes_on_as_if_it_had_not(
    policy: Policy, moves: list[Move], second_look: bool
) -> None:
    kept = Play(policy, second_look=second_look)
    stored = Play(policy, second_look=second_look, forgets=True)
    for move in moves:
        left, right = kept.make(move), stored.make(move)
        assert (left.events, left.asks) == (right.events, right.asks)
        assert kept.state == stored.state


@given(policies, st.lists(moves, min_size=1, max_size=15), st.floats(min_value=0, max_value=0.99))
@settings(deadline=None, max_examples=40)
def test_nothing_changes_by_itself_before_the_next_instant(
    policy: Policy, moves: list[Move], share: float
) -> None:
    play = Play(policy)
    for move in moves:
        step = play.make(move)
    idle = detector.step(step.state, None, play.now, play.rules)
    until = idle.next_at or play.now + timedelta(days=30)
    at = play.now + (until - play.now) * share
    again = detector.step(idle.state, None, at, play.rules)
    assert (again.state, again.events, again.asks) == (idle.state, (), ())
    assert again.next_at == idle.next_at


@given(policies, st.lists(moves, max_size=20))
@settings(deadline=None, max_examples=40)
def test_an_alert_ends_after_it_has_fired(policy: Policy, moves: list[Move]) -> None:
    play = Play(policy)
    for move in moves:
        play.make(replace(move, after=abs(move.after)))
        for alert in play.state.alerts:
            is_over = alert.state is AlertState.RESOLVED
            assert is_over is (alert.resolved_at is not None)
            assert not is_over or alert.fired_at is not None
            assert alert.fired_at is None or alert.fired_at <= (alert.resolved_at or play.now)


bad_looks = failures | st.just(Reading(releases=())) | st.just(Reading(releases=(), left_out=("no version",)))


@given(policies, st.lists(moves, max_size=12), st.sampled_from(Side), bad_looks)
@settings(deadline=None, max_examples=40)
def test_a_failed_or_empty_look_neither_begins_nor_ends_behind(
    policy: Policy, moves: list[Move], side: Side, outcome: Any
) -> None:
    play = Play(policy)
    for move in moves:
        play.make(move)
    step = play.make(Move(timedelta(minutes=5), side, outcome, False, "look"))
    assert not _behind(step) & BEGINS_OR_ENDS


@given(policies, st.lists(moves, max_size=12), st.data())
@settings(deadline=None, max_examples=40)
def test_a_list_that_shrinks_neither_begins_nor_ends_behind(
    policy: Policy, moves: list[Move], data: st.DataObject
) -> None:
    play = Play(policy)
    for move in moves:
        play.make(move)
    whole = data.draw(readings.filter(lambda reading: len(reading.releases) > 1))
    whole = Reading(releases=tuple(replace(each, draft=False, withdrawn=False) for each in whole.releases))
    for _ in range(3):
        play.make(Move(timedelta(minutes=5), Side.RELEASES, whole, False, "look"))
    shown = whole.releases[: data.draw(st.integers(0, len(whole.releases) - 1))]
    step = play.make(Move(timedelta(minutes=5), Side.RELEASES, Reading(releases=shown), False, "look"))
    assert not _behind(step) & BEGINS_OR_ENDS


def _behind(step: Step) -> set[EventKind]:
    return {event.kind for event in step.events if event.check is CheckName.BEHIND}


@given(
    st.lists(st.tuples(minutes(1, 300), st.booleans()), min_size=1, max_size=8), st.sampled_from([10, 20, 60])
)
@settings(deadline=None, max_examples=12)
def test_looking_more_often_never_loses_an_alert(
    changes: Sequence[tuple[timedelta, bool]], interval: int
) -> None:
    rare, often = (
        Heart(_project(changes, timedelta(minutes=each))).play().alerts for each in (interval, interval // 2)
    )
    for alert in rare:
        assert any(
            other.fired_at <= alert.fired_at and (other.resolved_at or alert.fired_at) >= alert.fired_at
            for other in often
        )


def _project(changes: Sequence[tuple[timedelta, bool]], interval: timedelta) -> Scenario:
    """Return a project that releases and announces; each change is a release, or the naming of the newest."""
    first = {"metadata": "1.0.0", "releases": {"list": [{"tag": "1.0.0", "published": START}]}}
    happenings, at, newest = [Happening(time=START, what=first)], START, 0
    for after, is_release in changes:
        at += after
        newest += is_release
        what = {"publish": f"1.{newest}.0"} if is_release else {"metadata": f"1.{newest}.0"}
        happenings.append(Happening(time=at, what=what))
    return Scenario(
        name="project",
        about="a project that releases and announces",
        runners=("detector",),
        start=START,
        end=at + timedelta(hours=4),
        interval=interval,
        target="project",
        receivers=(),
        policy=Policy(),
        happenings=tuple(happenings),
        alerts=(),
    )

"""The step: what is remembered, what is seen now and the rules give what is remembered next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.checks.board import Board, board_of, current_run, highest, named_of
from monitor.checks.memo import Memo
from monitor.checks.unlisted import is_accepted
from monitor.detector.judging import judge, next_at
from monitor.detector.listing import take_releases
from monitor.detector.marking import mark
from monitor.detector.mending import latest_look, mended
from monitor.detector.naming import not_ordered, take_metadata
from monitor.detector.outcome import Ask, Step
from monitor.detector.quiet import quiet_sides
from monitor.detector.scheme import settle, started
from monitor.detector.sides import failed
from monitor.detector.work import Work
from monitor.model import EventKind, Failure, Observation, Reading, Rules, Side, TargetState


def step(previous: TargetState, observation: Observation | None, now: datetime, rules: Rules) -> Step:
    """Return what follows from one look, or from the passing of time where there is none."""
    return together(previous, () if observation is None else (observation,), now, rules)


def together(previous: TargetState, observations: Sequence[Observation], now: datetime, rules: Rules) -> Step:
    """Return what follows from looks of one instant, all of them taken in before anything is judged."""
    if not observations or rules.second_look:
        return _stepped(previous, observations, now, rules)
    passed = _passed(previous, now, rules)
    last = _stepped(passed.state, observations, now, rules)
    events = (*passed.events, *last.events)
    if any(event.kind is EventKind.SCHEME_CHANGED for event in last.events):
        # A daemon judges by the new scheme at its next look; in a history that is the same instant.
        last = _stepped(last.state, observations, now, rules)
        events = (*events, *last.events)
    return replace(last, events=events)


def _passed(state: TargetState, now: datetime, rules: Rules) -> Step:
    """Let pass what was due before now: in a history nobody comes by at the deadlines."""
    step = Step(state=state)
    due_at = _due_at(state, rules)
    while due_at is not None and due_at < now:
        after = _stepped(step.state, (), due_at, rules)
        step = replace(after, events=(*step.events, *after.events))
        due_at = after.next_at
    return step


def _due_at(state: TargetState, rules: Rules) -> datetime | None:
    last_at = latest_look(state)
    return None if last_at is None else next_at(state, last_at, rules)


def _stepped(previous: TargetState, observations: Sequence[Observation], now: datetime, rules: Rules) -> Step:
    work = Work(state=previous, now=now, rules=rules)
    if observations:
        work.state = _without_old(previous, rules)
    work.state = mended(work.state, now, is_look=bool(observations))
    started(work)
    _take(work, observations)
    settle(work, previous, now)
    mark(work, now)
    _want_looks(work)
    judge(work)
    return _finished(work, observations, previous)


def _take(work: Work, observations: Sequence[Observation]) -> None:
    """Take in the looks, the releases first, so that what is named is known before it is named."""
    for observation in sorted(observations, key=lambda each: each.side is Side.METADATA):
        at = min(observation.at, work.now)
        if observation.side is Side.RELEASES:
            take_releases(work, observation, at)
        else:
            take_metadata(work, observation, at)


def _without_old(state: TargetState, rules: Rules) -> TargetState:
    """Return the state without alerts that were long over by its last look: all was told of them."""
    last_at = latest_look(state)
    if last_at is None or all(alert.resolved_at is None for alert in state.alerts):
        return state
    kept_from = last_at - rules.policy.keep_firing_for
    kept = tuple(
        alert for alert in state.alerts if alert.resolved_at is None or alert.resolved_at >= kept_from
    )
    return state if len(kept) == len(state.alerts) else replace(state, alerts=kept)


def _want_looks(work: Work) -> None:
    """Ask for the look that tells whether a version just named is out."""
    state, board = work.state, board_of(work.state, work.rules)
    if board is None or state.releases_side.good_at is None:
        return
    if board.scheme.by_publication:
        _want_order(work, board)
    named = named_of(work.state, board)
    if (
        work.is_named_anew
        and named is not None
        and Side.RELEASES not in work.good
        and not is_accepted(named, board)
    ):
        work.ask(Side.RELEASES)


def _want_order(work: Work, board: Board) -> None:
    """Take back what is named where nothing orders it; look again once the list has changed."""
    state = work.state
    run = current_run(state)
    if run is not None and highest(run.versions, board) is None:
        side = failed(replace(state.metadata, good_at=None), not_ordered(run.versions), work.now)
        work.state = replace(state, metadata=side, runs=state.runs[:-1])
        work.good.discard(Side.METADATA)
    elif state.metadata.failed and work.is_listed_anew:
        work.ask(Side.METADATA)


def _finished(work: Work, observations: Sequence[Observation], previous: TargetState) -> Step:
    due_at = next_at(work.state, work.now, work.rules)
    before = previous.memo or Memo()
    read = {each.side: each.outcome for each in observations if each.side in work.good}
    memo = Memo(
        board=work.state.memo.board if work.state.memo is not None else None,
        metadata=_reading(read.get(Side.METADATA), before.metadata),
        releases=_reading(read.get(Side.RELEASES), before.releases),
        quiet=quiet_sides(work, before),
        next_at=due_at,
    )
    return Step(
        state=replace(work.state, memo=memo),
        events=tuple(work.events),
        asks=tuple(Ask(side=side, confirm=confirm) for side, confirm in work.asks.items()),
        next_at=due_at,
    )


def _reading(outcome: Reading | Failure | None, before: Reading | None) -> Reading | None:
    return outcome if isinstance(outcome, Reading) else before

"""Unchanged looks and the short way they take; second looks that nobody answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor import detector
from monitor.detector import Ask
from monitor.model import (
    AlertState,
    CheckName,
    EventKind,
    Observation,
    Policy,
    Reason,
    Side,
    TargetState,
)
from monitor.status import judge
from tests.looks import DOWN, LIST, NAMES, NEW, OLD, START, Watched, after, seen

BOTH = (Ask(side=Side.METADATA, confirm=True), Ask(side=Side.RELEASES, confirm=True))


def in_step() -> Watched:
    watched = Watched()
    watched.look(Side.METADATA, START, NAMES)
    watched.look(Side.RELEASES, START, LIST)
    return watched


def drifting() -> Watched:
    watched = in_step()
    watched.listed(after(minutes=30), OLD, NEW)
    return watched


def test_an_unchanged_look_moves_instants_and_nothing_else() -> None:
    watched = in_step()
    at = after(minutes=5)
    look = seen(Side.RELEASES, at, LIST, cache_age_for=timedelta(seconds=12))
    touched = detector.touched(watched.state, look)
    assert touched == detector.step(watched.state, look, at, watched.rules).state
    assert touched.releases_side.good_at == touched.releases_side.complete_at == at
    assert touched.releases_side.cache_age_for == timedelta(seconds=12)
    same = detector.touched(touched, seen(Side.METADATA, at, replace(NAMES)))
    assert same.metadata.looked_at == at
    window = replace(touched.releases_side, newest=10, complete_at=START)
    kept = detector.touched(
        replace(touched, releases_side=window), seen(Side.RELEASES, after(minutes=6), LIST)
    )
    assert kept.releases_side.complete_at == START


NOT_SHORT = [
    pytest.param(seen(Side.METADATA, after(minutes=5), LIST, confirm=True), id="a second look"),
    pytest.param(seen(Side.METADATA, after(minutes=5), LIST), id="another reading"),
    pytest.param(seen(Side.METADATA, START - timedelta(minutes=5), NAMES), id="a clock set back"),
]


@pytest.mark.parametrize("look", NOT_SHORT)
def test_these_looks_take_the_whole_way(look: Observation) -> None:
    assert detector.touched(in_step().state, look) is None


def test_a_look_at_something_that_is_due_takes_the_whole_way() -> None:
    watched = drifting()
    look = seen(Side.METADATA, after(minutes=60), NAMES)
    assert detector.touched(watched.state, look) is not None
    due = seen(Side.METADATA, after(minutes=150), NAMES)
    assert detector.touched(watched.state, due) is None
    assert detector.touched(TargetState(target="pbs"), look) is None


def test_a_look_after_a_failed_one_takes_the_whole_way() -> None:
    watched = in_step()
    watched.failed(after(minutes=5), Side.METADATA)
    assert detector.touched(watched.state, seen(Side.METADATA, after(minutes=10), NAMES)) is None
    assert detector.touched(watched.state, seen(Side.RELEASES, after(minutes=10), LIST)) is not None


def test_a_policy_that_was_changed_is_judged_at_the_next_look() -> None:
    watched = in_step()
    watched.under(policy=Policy(ignore=("1.1.0",)))
    watched.wait(after(minutes=3))
    assert detector.touched(watched.state, seen(Side.RELEASES, after(minutes=5), LIST)) is None
    watched.look(Side.RELEASES, after(minutes=5), LIST)
    assert judge(watched.state, watched.rules).newest is None
    assert detector.touched(watched.state, seen(Side.RELEASES, after(minutes=10), LIST)) is not None


def test_three_tries_that_nobody_answers_end_after_five_minutes() -> None:
    watched = drifting()
    due_at = after(minutes=150)
    watched.named(after(minutes=149), "1.1.0")
    watched.listed(after(minutes=149), OLD, NEW)
    tries = []
    while watched.alert().state is AlertState.PENDING:
        tries.append(watched.next_at - due_at)
        asks = watched.wait(watched.next_at).asks
        assert asks == (BOTH if len(tries) <= 3 else ())
        # What a look that was due anyway shows is no answer to them.
        if watched.alert().state is AlertState.PENDING:
            watched.named(due_at + tries[-1], "1.1.0")
    assert tries == [timedelta(seconds=seconds) for seconds in (0, 100, 200, 300)]
    assert watched.events[-1].kind is EventKind.FIRED
    assert watched.alert().evidence.at == due_at + timedelta(minutes=5)
    assert not watched.alert().evidence.confirmed


def test_a_side_that_has_confirmed_is_not_asked_again() -> None:
    watched = drifting()
    watched.wait(after(minutes=150))
    watched.named(after(minutes=150), "1.1.0", confirm=True)
    watched.failed(after(minutes=150), Side.RELEASES, confirm=True)
    assert watched.asks == ()
    watched.wait(watched.next_at)
    assert watched.asks == (Ask(side=Side.RELEASES, confirm=True),)


def test_a_good_look_that_nobody_asked_for_is_no_second_look() -> None:
    watched = drifting()
    watched.wait(after(minutes=150))
    watched.named(after(minutes=151), "1.1.0")
    watched.listed(after(minutes=151), OLD, NEW)
    assert watched.alert().state is AlertState.PENDING


def test_after_a_start_the_second_look_is_asked_for_anew() -> None:
    watched = drifting()
    watched.wait(after(minutes=150))
    watched.under(started_at=after(minutes=151))
    assert watched.wait(after(minutes=152)).asks == ()
    watched.named(after(minutes=152), "1.1.0")
    watched.listed(after(minutes=152), OLD, NEW)
    assert watched.asks == BOTH
    watched.named(after(minutes=153), "1.1.0", confirm=True)
    watched.listed(after(minutes=153), OLD, NEW, confirm=True)
    assert watched.alert().fired_at == after(minutes=153)


def test_a_start_ahead_of_us_was_noted_by_a_wrong_clock_and_counts_for_nothing() -> None:
    watched = drifting()
    watched.under(started_at=after(hours=9), policy_at=after(hours=9))
    watched.wait(after(minutes=150))
    watched.named(after(minutes=150), "1.1.0", confirm=True)
    watched.listed(after(minutes=150), OLD, NEW, confirm=True)
    assert watched.alert().fired_at == after(minutes=150)
    for minute in (151, 156):
        watched.failed(after(minutes=minute), Side.METADATA, replace(DOWN, reason=Reason.MALFORMED))
    watched.wait(after(minutes=166))
    assert watched.alert(CheckName.MALFORMED).fired_at == after(minutes=166)


def test_what_a_cache_added_is_evidence() -> None:
    watched = drifting()
    watched.wait(after(minutes=150))
    step = detector.step(
        watched.state,
        seen(Side.METADATA, after(minutes=150), NAMES, confirm=True, cache_age_for=timedelta(seconds=212)),
        after(minutes=150),
        watched.rules,
    )
    watched.state = step.state
    watched.listed(after(minutes=150), OLD, NEW, confirm=True)
    assert watched.alert().evidence.cache_age_for == timedelta(seconds=212)


def test_a_version_that_is_not_known_to_be_out_is_looked_up_at_once() -> None:
    watched = in_step()
    assert watched.named(after(minutes=5), "1.2.0").asks == (Ask(side=Side.RELEASES, confirm=False),)
    assert watched.named(after(minutes=10), "1.2.0").asks == ()
    watched.listed(after(minutes=10), OLD, NEW)
    assert watched.named(after(minutes=15), "1.1.0").asks == ()
    first = Watched()
    assert first.named(START, "1.1.0").asks == ()


def test_after_a_start_nothing_returns_before_both_sides_were_read() -> None:
    watched = drifting()
    watched.wait(after(minutes=150))
    watched.named(after(minutes=150), "1.1.0", confirm=True)
    watched.listed(after(minutes=150), OLD, NEW, confirm=True)
    watched.named(after(minutes=155), "1.2.0")
    watched.under(started_at=after(minutes=158))
    watched.named(after(minutes=158), "1.1.0")
    assert watched.alert().state is AlertState.RESOLVED
    watched.listed(after(minutes=158), OLD, NEW)
    assert watched.alert().state is AlertState.FIRING
    assert watched.events[-1].kind is EventKind.RETURNED


def test_metadata_that_goes_to_and_fro_for_years_leaves_no_trail() -> None:
    watched = drifting()
    for hour in range(1, 50):
        watched.named(after(hours=hour), "1.2.0" if hour % 2 else "1.1.0")
    assert len(watched.state.runs) <= 3

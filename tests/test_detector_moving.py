"""What happens to a target from outside: absence, another configuration, another name, the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor import detector
from monitor.model import AlertState, CheckName, EventKind, Marks, Policy, Reason, Side
from monitor.status import judge
from tests.looks import DOWN, NEW, OLD, START, Watched, after


def drifting(**policy: object) -> Watched:
    watched = Watched(policy=Policy(**policy))
    watched.named(START, "1.1.0")
    watched.listed(START, OLD)
    watched.listed(after(minutes=30), OLD, NEW)
    return watched


def firing() -> Watched:
    watched = drifting()
    watched.wait(after(minutes=150))
    watched.named(after(minutes=150), "1.1.0", confirm=True)
    watched.listed(after(minutes=150), OLD, NEW, confirm=True)
    assert watched.alert().state is AlertState.FIRING
    return watched


def test_time_away_is_excused_from_the_last_good_look_on() -> None:
    watched = drifting()
    state = detector.resumed(watched.state, START - timedelta(hours=5), after(hours=2))
    assert state.metadata.excused_for == timedelta(hours=2)
    assert state.releases_side.excused_for == timedelta(minutes=90)
    assert detector.resumed(watched.state, after(hours=3), after(hours=2)).metadata.excused_for == timedelta(
        0
    )
    fresh = detector.resumed(watched.state, START, START)
    assert fresh.metadata.excused_for == timedelta(0)


def test_looks_that_failed_while_we_were_blind_do_not_count() -> None:
    watched = drifting()
    watched.failed(after(hours=1), Side.METADATA)
    before = detector.resumed(watched.state, after(hours=2), after(hours=3))
    assert before.metadata.failed == 1
    state = detector.resumed(watched.state, after(hours=1), after(hours=3))
    assert (state.metadata.failed, state.metadata.failure) == (0, None)


def test_a_look_that_fails_while_we_are_blind_is_no_failed_look_unless_it_was_answered() -> None:
    watched = drifting()
    watched.under(is_blind=True)
    for side in Side:
        watched.failed(after(hours=1), side, replace(DOWN, answered=False))
        assert watched.state.side(side).failed == 0
        watched.failed(after(hours=1), side, DOWN)
        assert watched.state.side(side).failed == 1


def test_a_second_look_that_we_missed_is_asked_for_anew() -> None:
    watched = drifting()
    watched.wait(after(minutes=150))
    assert watched.alert().asked == 1
    state = detector.resumed(watched.state, after(minutes=151), after(minutes=155))
    assert (state.alerts[0].asked, state.alerts[0].asked_at) == (0, None)


def test_a_side_with_another_source_is_unknown_and_its_releases_are_not_withdrawn() -> None:
    watched = firing()
    state = detector.reconfigured(watched.state, {Side.RELEASES}, scheme_changed=False)
    assert state.releases_side.looked_at is None
    assert state.metadata == watched.state.metadata
    assert judge(state, watched.rules).newest is None
    watched.state = state
    watched.named(after(hours=3), "1.1.0")
    assert watched.alert().state is AlertState.FIRING
    # Read again, with dates of its own: nothing was published again.
    later = [replace(each, published_at=after(hours=2)) for each in (OLD, NEW)]
    watched.listed(after(hours=3), *later)
    assert watched.state.releases["1.2.0"].lacked_at == START
    assert watched.state.releases["1.2.0"].published_at == NEW.published_at
    assert judge(watched.state, watched.rules).missing == ("1.2.0",)


def test_metadata_with_another_source_is_unknown_and_what_it_named_is_remembered() -> None:
    watched = firing()
    watched.state = detector.reconfigured(watched.state, {Side.METADATA}, scheme_changed=False)
    assert judge(watched.state, watched.rules).named is None
    watched.listed(after(hours=3), OLD, NEW)
    assert watched.alert().state is AlertState.FIRING
    watched.named(after(hours=3), "1.1.0")
    assert [run.from_at for run in watched.state.runs] == [START]


def test_another_scheme_makes_both_sides_unknown_and_forgets_no_release() -> None:
    watched = firing()
    state = detector.reconfigured(watched.state, (), scheme_changed=True)
    assert (state.scheme, state.metadata.good_at, state.releases_side.good_at) == (None, None, None)
    assert {tag: seen.absent for tag, seen in state.releases.items()} == {"1.1.0": 0, "1.2.0": 0}


def test_a_configuration_changes_what_it_says_otherwise_and_a_policy_is_in_force_from_then_on() -> None:
    watched = firing()
    marks = Marks(metadata="m", releases="r", scheme="auto", policy="p")
    state = detector.adopted(watched.state, marks, after(hours=3))
    assert state == replace(watched.state, marks=marks)
    assert detector.adopted(state, marks, after(hours=4)) == state
    laxer = detector.adopted(state, replace(marks, policy="q"), after(hours=4))
    assert laxer == replace(state, marks=replace(marks, policy="q", policy_at=after(hours=4)))
    assert detector.adopted(laxer, laxer.marks, after(hours=5)).marks.policy_at == after(hours=4)
    moved = detector.adopted(state, replace(marks, releases="s"), after(hours=4))
    assert (moved.releases_side.good_at, moved.metadata.good_at) == (None, state.metadata.good_at)
    ordered = detector.adopted(state, replace(marks, scheme="numeric"), after(hours=4))
    assert (ordered.scheme, ordered.metadata.good_at) == (None, None)


def test_a_target_that_is_dropped_drops_what_fires_and_forgets_what_is_pending() -> None:
    watched = firing()
    watched.failed(after(hours=3), Side.METADATA, replace(DOWN, reason=Reason.MALFORMED))
    assert watched.alert(CheckName.MALFORMED).state is AlertState.PENDING
    step = detector.dropped(watched.state, after(hours=3))
    assert [(alert.check, alert.state, alert.resolved_at) for alert in step.state.alerts] == [
        (CheckName.BEHIND, AlertState.DROPPED, after(hours=3))
    ]
    assert [(event.kind, event.alert_id) for event in step.events] == [(EventKind.DROPPED, 1)]


def test_a_target_of_another_name_has_it_everywhere() -> None:
    watched = firing()
    watched.named(after(hours=3), "1.2.0")
    state = detector.renamed(watched.state, "another")
    assert state.target == "another"
    assert {alert.target for alert in state.alerts} == {"another"}
    state = detector.renamed(firing().state, "another")
    assert state.alerts[0].finding.target == "another"

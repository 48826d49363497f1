"""What holds of histories, where every look is right; and of instants that cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from monitor import detector
from monitor.model import (
    EventKind,
    Policy,
    Reading,
    Rules,
    Side,
    SinceClock,
)
from monitor.status import judge
from tests.looks import LIST, LONG_AGO, NAMES, NEW, OLD, START, Watched, after, release, seen


def in_step() -> Watched:
    watched = Watched()
    watched.look(Side.METADATA, START, NAMES)
    watched.look(Side.RELEASES, START, LIST)
    return watched


HISTORY = Rules(target="pbs", policy=Policy(), second_look=False)


def test_in_a_history_all_of_an_instant_is_taken_in_before_anything_is_judged() -> None:
    rules = replace(HISTORY, policy=Policy(threshold=timedelta(0)))
    state = in_step().state
    at = after(hours=1)
    newer = Reading(releases=(OLD, release("1.2.0", at)))
    names = Reading(releases=(release("1.2.0"),))
    looks = [seen(Side.METADATA, at, names), seen(Side.RELEASES, at, newer)]
    assert detector.together(state, looks, at, rules).events == ()


def test_in_a_history_what_is_named_is_looked_up_in_the_list_of_that_instant() -> None:
    rules = replace(HISTORY, policy=Policy(scheme="published"))
    watched = Watched(rules=rules)
    watched.listed(START, release("jammy"))
    watched.named(START, "jammy")
    at = after(hours=1)
    names = Reading(releases=(release("noble"),))
    newer = Reading(releases=(release("jammy"), release("noble", at)))
    looks = [seen(Side.METADATA, at, names), seen(Side.RELEASES, at, newer)]
    assert judge(detector.together(watched.state, looks, at, rules).state, rules).named == "noble"


def test_in_a_history_what_was_due_before_an_instant_has_happened_before_it() -> None:
    watched = Watched(rules=replace(HISTORY, policy=Policy(critical_after=timedelta(hours=1))))
    watched.named(START, "1.1.0")
    watched.listed(START, OLD)
    watched.listed(after(minutes=30), OLD, NEW)
    step = detector.step(
        watched.state,
        seen(Side.METADATA, after(hours=9), Reading(releases=(NEW,))),
        after(hours=9),
        watched.rules,
    )
    step = detector.numbered(step, count(1))
    assert [(event.kind, event.at, event.alert_id) for event in step.events] == [
        (EventKind.FIRED, after(minutes=150), 1),
        (EventKind.ESCALATED, after(minutes=210), 1),
        (EventKind.RESOLVED, after(hours=9), 1),
    ]


def test_in_a_history_a_release_that_is_not_there_is_gone() -> None:
    watched = Watched(rules=HISTORY)
    watched.named(START, "1.1.0")
    watched.listed(START, OLD)
    watched.listed(after(minutes=30), OLD, NEW)
    watched.listed(after(minutes=40), OLD)
    assert watched.events[-1].kind is EventKind.RESOLVED
    watched.listed(after(minutes=50), OLD, release("1.2.0", after(minutes=50)))
    assert watched.alert().since == after(minutes=50)


def test_in_a_history_a_change_of_the_scheme_is_judged_by_at_once() -> None:
    watched = Watched(rules=HISTORY)
    watched.named(START, "1.1.0")
    watched.listed(START, OLD)
    many = (OLD, NEW, release("2024.1", after(minutes=30)))
    watched.listed(after(minutes=30), *many)
    assert watched.state.scheme == "pep440"
    assert watched.alert().missing == ("1.2.0", "2024.1")


def test_an_instant_of_ours_from_before_our_time_puts_no_clock_off() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    watched = Watched(rules=Rules(target="pbs", policy=Policy(), started_at=epoch))
    watched.named(epoch, "1.1.0")
    watched.listed(epoch, OLD)
    watched.listed(epoch + timedelta(minutes=5), OLD, NEW)
    assert watched.alert().since == epoch + timedelta(minutes=5)
    watched.named(after(hours=1), "1.1.0")
    found = watched.state.releases["1.2.0"]
    assert (found.first_seen_at, found.lacked_at) == (after(hours=1), None)
    assert (watched.alert().since, watched.alert().since_is) == (after(minutes=30), SinceClock.PUBLISHED)


def test_what_has_fired_ahead_of_us_is_dated_by_the_next_look() -> None:
    watched = Watched(policy=Policy(threshold=timedelta(0)))
    ahead = after(days=900)
    watched.named(ahead, "1.1.0")
    watched.listed(ahead, OLD, release("1.2.0", None))
    watched.named(ahead, "1.1.0", confirm=True)
    watched.listed(ahead, OLD, release("1.2.0", None), confirm=True)
    assert watched.alert().fired_at == ahead
    watched.named(after(minutes=5), "1.1.0")
    alert = watched.alert()
    assert (alert.since, alert.fired_at) == (after(minutes=5), after(minutes=5))
    assert alert.critical_at == after(days=1, minutes=5)
    assert LONG_AGO < START

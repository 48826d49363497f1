"""Since when something is missing or wrong, where the timelines do not tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.checks import checks
from monitor.checks.board import board_of
from monitor.checks.clocks import Clock, Cover, clock_of, covers
from monitor.checks.order import key_of
from monitor.checks.unreachable import answered_at
from monitor.detector.judging import next_at
from monitor.model import (
    AlertState,
    CheckName,
    NamedRun,
    Policy,
    Reason,
    SeenRelease,
    Side,
    SinceClock,
)
from monitor.status import judge
from tests.looks import DOWN, LONG_AGO, START, Watched, after, release

FIRST, PUBLISHED = SinceClock.FIRST_SEEN, SinceClock.PUBLISHED
SEEN = SeenRelease(tag="1.2.0", version="1.2.0", first_seen_at=START, published_at=LONG_AGO)

CLOCKS = [
    pytest.param({}, (), LONG_AGO, PUBLISHED, id="its publication"),
    pytest.param({"published_at": None}, (), START, FIRST, id="first sight, where it has none"),
    pytest.param(
        {"published_at": after(days=1)}, (), START, FIRST, id="first sight, where it is ahead of us"
    ),
    pytest.param(
        {"published_is": SinceClock.TAGGED}, (), LONG_AGO, SinceClock.TAGGED, id="as its source has it"
    ),
    pytest.param({"lacked_at": START}, (), START, FIRST, id="the look that lacked it"),
    pytest.param(
        {"published_at": after(hours=1), "lacked_at": START},
        (),
        after(hours=1),
        PUBLISHED,
        id="published since",
    ),
    pytest.param({"eligible_at": after(hours=1)}, (), after(hours=1), FIRST, id="when it began to count"),
    pytest.param({}, ("1.2.0",), after(hours=2), FIRST, id="when it was left"),
    pytest.param({}, ("1.3.0", "1.1.0"), after(hours=2), FIRST, id="when something newer was left"),
    pytest.param({}, ("1.3.0", "1.2.0"), after(hours=3), FIRST, id="when it was left for the last time"),
    pytest.param({}, ("1.1.0",), LONG_AGO, PUBLISHED, id="but not when something older was"),
    pytest.param(
        {"eligible_at": after(hours=3)}, ("1.2.0",), after(hours=3), FIRST, id="what came later counts"
    ),
]


@pytest.mark.parametrize(("facts", "left", "at", "known_by"), CLOCKS)
def test_a_missing_release_counts_from(facts, left, at, known_by) -> None:
    over = [
        Cover(place=key_of("semver", text), until_at=after(hours=hour)) for hour, text in enumerate(left, 2)
    ]
    clock = clock_of(replace(SEEN, **facts), key_of("semver", "1.2.0"), over, after(hours=9))
    assert clock == Clock(at=at, is_known_by=known_by)


def test_what_was_covered_under_another_scheme_says_nothing() -> None:
    watched = Watched(policy=Policy(scheme="semver"))
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    run = NamedRun(versions=("249",), from_at=LONG_AGO, until_at=START, listed=("249",))
    assert covers((run, *watched.state.runs), board_of(watched.state, watched.rules)) == ()


def test_every_check_has_a_file_of_its_name() -> None:
    assert set(checks()) == set(CheckName) - {CheckName.BLIND}


def test_by_publication_nothing_is_unlisted_while_nothing_orders_what_is_named() -> None:
    watched = Watched(policy=Policy(scheme="published"))
    watched.listed(START, release("jammy"))
    watched.named(START, "jammy")
    run = NamedRun(versions=("noble",), from_at=START, unlisted_at=START)
    state = replace(watched.state, runs=(run,))
    assert checks()[CheckName.UNLISTED](state, START, watched.rules) == ()


def test_a_window_without_dates_shows_nothing_absent() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0", None), release("1.2.0", None), newest=2)
    watched.listed(after(minutes=5), release("1.1.0", None), newest=2)
    watched.listed(after(minutes=10), release("1.1.0", None), newest=2)
    assert judge(watched.state, watched.rules).missing == ("1.2.0",)


def test_a_window_says_nothing_of_what_is_as_old_as_its_oldest() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"), release("1.2.0"), newest=2)
    for minute in (5, 10):
        watched.listed(after(minutes=minute), release("1.1.0"), release("1.0.0"), newest=2)
    assert judge(watched.state, watched.rules).missing == ("1.2.0",)


def test_more_may_be_missing_than_a_window_shows() -> None:
    watched = Watched()
    entries = [release(f"1.{minor}.0", LONG_AGO + timedelta(days=minor)) for minor in range(2, 12)]
    watched.named(START, "1.1.0")
    watched.listed(START, *entries, newest=10)
    assert watched.alert().finding.missing_is_at_least
    watched.named(after(minutes=5), "1.4.0")
    assert not watched.alert().finding.missing_is_at_least


def test_what_left_the_window_in_our_sight_is_counted_to_the_last() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"), newest=1)
    watched.listed(after(minutes=5), release("1.1.0"), release("1.2.0", after(minutes=1)), newest=2)
    watched.listed(after(minutes=10), release("1.2.0", after(minutes=1)), newest=1)
    assert not watched.alert().finding.missing_is_at_least
    watched.listed(after(minutes=15), release("1.3.0", after(minutes=12)), newest=1)
    assert watched.alert().finding.missing_is_at_least


def test_a_side_that_never_answered_is_silent_since_the_first_look() -> None:
    watched = Watched()
    for hour in range(4):
        watched.failed(after(hours=hour), Side.METADATA)
    alert = watched.alert(CheckName.UNREACHABLE)
    assert (alert.since, alert.fired_at) == (START, after(hours=3))
    assert answered_at(watched.state.releases_side) is None


@pytest.mark.parametrize(("broken", "is_silent"), [(2, False), (3, True)])
def test_rate_limits_between_do_not_make_a_side_silent(broken: int, is_silent: bool) -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    for minute in range(30, 240, 30):
        watched.failed(after(minutes=minute), Side.RELEASES, replace(DOWN, reason=Reason.LIMITED))
    for minute in range(broken):
        watched.failed(after(hours=4, minutes=minute), Side.RELEASES)
    assert (watched.alert(CheckName.UNREACHABLE) is not None) is is_silent


def test_rate_limits_do_not_make_the_time_of_other_failures_longer() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    for minute in (30, 60, 90):
        watched.failed(after(minutes=minute), Side.RELEASES)
    for minute in range(120, 300, 30):
        watched.failed(after(minutes=minute), Side.RELEASES, replace(DOWN, reason=Reason.LIMITED))
    assert watched.alert(CheckName.UNREACHABLE) is None


def test_of_several_names_only_those_that_were_listed_cover_anything() -> None:
    watched = Watched()
    watched.named(START, "9.9.9", "1.2.0")
    watched.listed(START, release("1.1.0"), release("1.2.0"), release("1.3.0"))
    watched.named(after(hours=1), "1.1.0")
    assert watched.alert().finding.missing_since == (after(hours=1), LONG_AGO)


def test_an_answer_without_a_version_is_an_answer() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    watched.failed(after(hours=2), Side.METADATA, replace(DOWN, reason=Reason.MALFORMED))
    for hour in (3, 4, 5):
        watched.failed(after(hours=hour), Side.METADATA)
    assert watched.alert(CheckName.UNREACHABLE).since == after(hours=2)
    watched.failed(after(hours=6), Side.METADATA, replace(DOWN, reason=Reason.MALFORMED))
    assert watched.alert(CheckName.UNREACHABLE).state is AlertState.RESOLVED
    assert watched.alert(CheckName.MALFORMED).since == after(hours=2)


def test_two_tags_of_one_version_are_one_missing_release() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"), release("v1.2.0"), release("1.2.0"), release("1.2.0+again"))
    assert judge(watched.state, watched.rules).missing == ("v1.2.0",)
    # One of them is gone: the version is not.
    for minute in (5, 10):
        watched.listed(after(minutes=minute), release("1.1.0"), release("1.2.0"), release("1.2.0+again"))
    assert judge(watched.state, watched.rules).missing == ("1.2.0",)


def test_what_is_missing_is_remembered_however_little_is_left_of_it() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"), release("1.2.0", after(hours=5)))
    assert next_at(watched.state, START, watched.rules) == after(hours=2)
    assert next_at(watched.state, after(hours=4), watched.rules) == after(hours=5)
    assert next_at(replace(watched.state, releases={}), after(hours=4), watched.rules) is None

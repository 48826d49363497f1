"""The picture: what is shown of a target, its sides, and of the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import (
    AlertState,
    CheckName,
    Failure,
    Reason,
    Rules,
    Severity,
    Side,
    Silence,
    SinceClock,
)
from monitor.silences import ack_of
from monitor.status import Daemon, Look, Receiver, Word, worst_first
from tests.picturing import DOWN, NAME, NOTHING, POLICY, TARGET, draw, named, releases, seen, shown, watched
from tests.telling import PUBLISHED_AT, after, firing

FIRING = watched(hours=1)
PENDING = watched(hours=-1)


def silence(**matchers) -> Silence:
    return Silence(id=3, from_at=after(), until_at=after(hours=9), who="ada", **matchers)


def test_a_target_that_was_never_looked_at_says_so():
    target = shown()
    assert (target.word, target.severity, target.lag_for) == (Word.UNKNOWN, None, None)
    assert target.sentence == "metadata and releases: not read yet"
    assert target.metadata.look is Look.NEVER
    assert target.metadata.is_complete is None


def test_a_target_without_a_state_is_shown_and_a_state_without_a_target_is_not():
    picture = draw(states={"gone": FIRING})
    assert [target.name for target in picture.targets] == [NAME]
    assert picture.targets[0].word is Word.UNKNOWN
    assert picture.alerts == ()


def test_a_target_in_step_shows_what_is_named_and_what_is_out():
    target = shown(watched("20241016", hours=1))
    assert (target.word, target.sentence) == (Word.IN_STEP, "nothing is missing")
    assert (target.named, target.newest, target.missing) == ("20241016", "20241016", ())
    assert (target.check, target.checks, target.since) == (None, (), None)
    assert target.lag_for == timedelta(0)
    assert target.scheme == "calver"


def test_a_pending_target_says_when_it_would_fire():
    target = shown(PENDING)
    assert (target.word, target.severity) == (Word.PENDING, None)
    assert (target.since, target.since_is) == (PUBLISHED_AT, SinceClock.PUBLISHED)
    assert (target.fires_at, target.fired_at) == (after(), None)
    assert target.missing == ("20241016",)


def test_a_pending_target_that_is_due_says_what_it_waits_for():
    assert shown(PENDING, now=after(minutes=-1)).sentence == "the metadata names 20241008; 20241016 is out"
    assert shown(PENDING, now=after()).sentence == (
        "the metadata names 20241008; 20241016 is out; due, and waiting for a look that confirms it"
    )


def test_the_sentence_is_todays():
    alert = FIRING.alerts[0]
    today = replace(alert.finding, sentence="the metadata names 20241008; 20241101 is out")
    assert shown(replace(FIRING, alerts=(replace(alert, finding=today),))).sentence == today.sentence


def test_a_firing_target_says_since_when_and_how_that_is_known():
    target = shown(FIRING)
    assert (target.word, target.severity, target.alert_id) == (Word.BEHIND, Severity.WARNING, 17)
    assert (target.since, target.since_is) == (PUBLISHED_AT, SinceClock.PUBLISHED)
    assert (target.fires_at, target.fired_at) == (None, after(hours=1))
    assert target.lag_for == timedelta(hours=7)
    assert (target.check, target.checks) == (CheckName.BEHIND, (CheckName.BEHIND,))


def test_a_held_target_says_why_it_goes_on():
    held = replace(FIRING, alerts=(replace(FIRING.alerts[0], held="the metadata names 99999999"),))
    assert shown(held).sentence == "the metadata names 99999999"
    assert draw(held).alerts[0].held == "the metadata names 99999999"


def test_a_count_from_a_window_says_that_it_may_be_more():
    window = seen(NOTHING, Side.RELEASES, releases("20241009", "20241016", newest=2))
    target = shown(seen(window, Side.METADATA, named("20241008")))
    assert target.missing == ("20241009", "20241016")
    assert target.missing_is_at_least
    assert (target.releases.is_complete, target.releases.window) == (False, 2)


def test_while_we_are_blind_what_does_not_fire_is_blind():
    blind = {"daemon": Daemon(is_running=True, blind_since=after(hours=4))}
    assert shown(FIRING, **blind).word is Word.BEHIND
    assert shown(PENDING, **blind).word is Word.BLIND
    assert shown(PENDING, **blind).sentence.endswith("nothing fires while we are blind")
    assert shown(watched("20241016"), **blind).sentence.startswith("no configured host answers")


def test_the_rules_of_the_daemon_are_those_shown_by():
    rules = {NAME: Rules(target=NAME, policy=replace(POLICY, ignore=("20241016",)), is_blind=True)}
    assert shown(watched("20241016"), rules=rules).word is Word.BLIND


def test_a_side_shows_its_last_look_its_cache_and_its_next_look():
    target = shown(FIRING, next_looks={(NAME, Side.METADATA): after(hours=6)})
    side = target.metadata
    assert (side.kind, side.label) == ("json", "latest-release.json")
    assert side.link == "https://example.org/latest-release.json"
    assert (side.look, side.looked_at, side.good_at) == (Look.GOOD, after(hours=1), after(hours=1))
    assert (side.sentence, side.failing_since, side.failed) == (None, None, 0)
    assert (side.is_complete, side.window) == (True, None)
    assert side.cache_age_for == timedelta(seconds=12)
    assert (side.next_look_at, target.releases.next_look_at) == (after(hours=6), None)


def test_a_side_that_fails_says_why_since_when_and_how_often():
    failing = seen(seen(FIRING, Side.METADATA, DOWN, hours=2), Side.METADATA, DOWN, hours=3)
    side = shown(failing).metadata
    assert (side.look, side.sentence) == (Look.UNREACHABLE, "example.org did not answer")
    assert (side.failing_since, side.failed) == (after(hours=2), 2)
    assert (side.looked_at, side.good_at) == (after(hours=3), after(hours=1))


def test_a_side_that_is_malformed_says_what_came():
    failure = Failure(reason=Reason.MALFORMED, sentence="latest-release.json has no field 'tag'")
    side = shown(seen(FIRING, Side.METADATA, failure, hours=2)).metadata
    assert (side.look, side.sentence) == (Look.MALFORMED, "latest-release.json has no field 'tag'")
    assert side.failing_since == after(hours=2)


def test_a_side_whose_failure_says_more_of_us_fails_since_its_last_look():
    state = replace(FIRING, metadata=replace(FIRING.metadata, failure=DOWN, looked_at=after(hours=2)))
    side = shown(state).metadata
    assert (side.look, side.failing_since, side.failed) == (Look.UNREACHABLE, after(hours=2), 0)


@pytest.mark.parametrize(
    ("given", "acked", "silenced"),
    [
        pytest.param({}, False, False, id="neither"),
        pytest.param(
            {"acks": [ack_of(FIRING.alerts[0], at=after(hours=2), who="ada")]}, True, False, id="acked"
        ),
        pytest.param({"silences": [silence(target=NAME)]}, False, True, id="silenced"),
        pytest.param({"silences": [silence(target="uv")]}, False, False, id="another silenced"),
        pytest.param({"silences": [silence(label=("team", "toolchain"))]}, False, True, id="by its label"),
    ],
)
def test_a_target_shows_whether_somebody_cares(given, acked, silenced):
    target = shown(FIRING, **given)
    assert (target.is_acked, target.is_silenced) == (acked, silenced)


def test_all_checks_that_are_open_are_listed_once():
    more = (
        firing(check=CheckName.UNREACHABLE, id=18, side=Side.METADATA),
        firing(check=CheckName.UNREACHABLE, id=19, side=Side.RELEASES),
        firing(check=CheckName.UNLISTED, id=20, state=AlertState.RESOLVED),
    )
    assert shown(replace(FIRING, alerts=(*FIRING.alerts, *more))).checks == (
        CheckName.BEHIND,
        CheckName.UNREACHABLE,
    )


def test_targets_come_worst_first():
    known = shown(FIRING)
    late = replace(known, name="late", since=after())
    order = [
        replace(known, name="critical", severity=Severity.CRITICAL, word=Word.UNLISTED),
        replace(known, name="longest"),
        late,
        replace(late, name="later by name"),
        replace(known, name="acked", is_acked=True),
        replace(known, name="silenced", is_silenced=True),
        replace(known, name="unlisted", word=Word.UNLISTED),
        replace(known, name="blind", severity=None, word=Word.BLIND),
        replace(known, name="pending", severity=None, word=Word.PENDING),
        replace(known, name="unknown", severity=None, word=Word.UNKNOWN, since=None),
        replace(known, name="in step", severity=None, word=Word.IN_STEP, since=None),
    ]
    assert [target.name for target in worst_first(reversed(order))] == [
        "critical",
        "longest",
        "late",
        "later by name",
        "acked",
        "silenced",
        "unlisted",
        "blind",
        "pending",
        "unknown",
        "in step",
    ]


def test_the_picture_carries_daemon_receivers_and_version_as_they_were_given():
    daemon = Daemon(is_running=True, up_since=after(), generation=2, faults=("disk full",))
    receivers = (Receiver(name="chat", queued=1, failures=3, sentence="HTTP 404"),)
    picture = draw(daemon=daemon, receivers=receivers)
    assert (picture.daemon, picture.receivers) == (daemon, receivers)
    assert (picture.version, picture.generated_at) == ("0.1.0", after(hours=5))
    assert picture.target(NAME) is picture.targets[0]
    assert picture.target("uv") is None


@pytest.mark.parametrize(
    ("state", "daemon", "is_well"),
    [
        pytest.param(watched("20241016"), Daemon(), True, id="in step"),
        pytest.param(PENDING, Daemon(), True, id="pending"),
        pytest.param(FIRING, Daemon(), False, id="firing"),
        pytest.param(NOTHING, Daemon(faults=("disk full",)), False, id="a fault of ours"),
        pytest.param(NOTHING, Daemon(blind_since=after()), False, id="blind"),
    ],
)
def test_all_is_well_while_nothing_fires_and_nothing_is_wrong_with_us(state, daemon, is_well):
    assert draw(state, daemon=daemon).is_well is is_well


def test_the_labels_and_threshold_are_those_of_the_target():
    target = shown(target=replace(TARGET, policy=replace(POLICY, threshold=timedelta(hours=6))))
    assert target.labels == {"team": "toolchain"}
    assert target.threshold_for == timedelta(hours=6)

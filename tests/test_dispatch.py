"""One alert's life, told: first, repeats, escalation, the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor import dispatch
from monitor.model import AlertState, Severity, TellReason, Told
from tests.telling import FIRED_AT, POLICY, PUBLISHED_AT, World, after, behind, firing


def test_an_alert_that_fires_is_told_once_to_everybody():
    world = World(receivers=("chat", "mail"))
    assert world.tell(after()) == ["chat: first", "mail: first"]
    assert world.tell(after(minutes=1)) == []


def test_a_pending_alert_is_told_to_nobody():
    world = World(firing(id=None, state=AlertState.PENDING, fired_at=None))
    assert world.tell(after()) == []
    assert world.next_at(after()) is None


def test_a_numbered_alert_that_is_pending_again_is_told_to_nobody():
    world = World()
    world.tell(after())
    world.change(state=AlertState.PENDING)
    assert world.tell(after(days=30)) == []


def test_repeats_double_to_a_week():
    world = World()
    story = world.play(until=after(days=30))
    assert [(at - FIRED_AT).days for at, _ in story] == [0, 1, 3, 7, 14, 21, 28]
    assert [said for _, said in story] == ["chat: first"] + ["chat: repeat"] * 6


@pytest.mark.parametrize(
    ("repeat_every", "days"),
    [
        pytest.param(timedelta(days=14), [0, 14, 28], id="longer than a week stays as it is"),
        pytest.param(timedelta(0), [0], id="zero is never"),
        pytest.param(timedelta(days=5), [0, 5, 12, 19, 26], id="at most a week"),
    ],
)
def test_the_policy_says_how_often_it_is_repeated(repeat_every, days):
    world = World(policy=replace(POLICY, repeat_every=repeat_every))
    assert [(at - FIRED_AT).days for at, _ in world.play(until=after(days=30))] == days


def test_a_repeat_keeps_the_hour_although_sending_takes_seconds():
    world = World()
    world.queue(after())
    world.deliver(after(seconds=50))
    assert world.next_at(after(seconds=50)) == after(days=1)


def test_a_repeat_counts_from_a_delivery_that_came_late():
    world = World()
    world.queue(after())
    assert world.queue(after(days=2)) == []
    assert world.next_at(after(days=2)) is None
    world.deliver(after(days=2))
    assert world.next_at(after(days=2)) == after(days=3)
    assert world.tell(after(days=3)) == ["chat: repeat"]


def test_a_message_told_by_a_clock_that_was_years_ahead_does_not_mute_repeats():
    world = World()
    world.tell(after(days=2000))
    assert world.tell(after(hours=1)) == ["chat: repeat"]
    assert world.next_at(after(hours=1)) == after(days=2, hours=1)


def test_a_newer_missing_release_is_told_once_it_is_itself_past_the_threshold():
    world = World()
    world.tell(after())
    world.change(finding=behind(v20241016=PUBLISHED_AT, v20241101=after(hours=3)))
    assert world.tell(after(hours=4, minutes=59)) == []
    assert world.next_at(after(hours=3)) == after(hours=5)
    assert world.tell(after(hours=5)) == ["chat: repeat"]
    assert "New since the last message: 20241101." in world.sent[-1].body
    assert world.next_at(after(hours=5)) == after(hours=5, days=2)


def test_a_newer_missing_release_whose_clock_is_not_known_waits_for_the_next_repeat():
    world = World()
    world.tell(after())
    world.change(finding=replace(behind(v20241101=after()), missing_since=()))
    assert world.next_at(after(hours=3)) == after(days=1)


def test_no_repeat_is_queued_behind_a_message_that_is_not_delivered():
    world = World()
    world.queue(after())
    world.change(finding=behind(v20241016=PUBLISHED_AT, v20241101=after()))
    assert world.queue(after(days=10)) == []


def test_escalation_is_told_anew_and_repeats_begin_anew():
    world = World()
    world.tell(after())
    world.tell(after(days=1))
    world.tell(after(days=3))
    world.escalate()
    assert world.tell(after(days=4)) == ["chat: escalated"]
    assert world.tell(after(days=4)) == []
    assert world.next_at(after(days=4)) == after(days=5)


def test_escalation_is_queued_behind_a_first_message_that_is_not_delivered():
    world = World()
    world.queue(after())
    world.escalate()
    assert world.queue(after(days=1)) == ["chat: escalated"]


def test_escalation_and_repeat_due_at_one_instant_are_one_message():
    world = World()
    world.tell(after())
    world.escalate()
    assert world.tell(after(days=1)) == ["chat: escalated"]


def test_an_alert_that_is_held_is_neither_repeated_nor_escalated():
    world = World()
    world.tell(after())
    world.change(held="99999999 is not listed", finding=None)
    world.escalate()
    assert world.tell(after(days=30)) == []
    assert world.next_at(after(days=30)) is None
    world.change(held=None, finding=behind())
    assert world.tell(after(days=30)) == ["chat: escalated"]


def test_the_end_is_told_once_it_has_lasted_as_long_as_flapping_may():
    world = World()
    world.tell(after())
    world.resolve(after(hours=4))
    assert world.tell(after(hours=4, minutes=9, seconds=59)) == []
    assert world.next_at(after(hours=4, minutes=9, seconds=59)) == after(hours=4, minutes=10)
    assert world.tell(after(hours=4, minutes=10)) == ["chat: resolved"]
    assert world.tell(after(hours=5)) == []
    assert world.next_at(after(hours=5)) is None


def test_an_alert_that_comes_back_before_its_end_was_told_goes_on_untold():
    world = World()
    world.tell(after())
    world.resolve(after(hours=4))
    assert world.tell(after(hours=4, minutes=5)) == []
    world.come_back()
    assert world.tell(after(hours=4, minutes=9)) == []
    assert world.next_at(after(hours=4, minutes=9)) == after(days=1)


def test_an_alert_that_comes_back_after_its_end_was_told_is_told_as_first():
    world = World()
    world.tell(after())
    world.resolve(after(hours=4))
    world.tell(after(hours=5))
    world.come_back()
    assert world.queue(after(hours=6)) == ["chat: first"]
    assert world.told[0].delivered is False


def test_the_end_noted_by_a_clock_that_was_ahead_is_told_at_once():
    world = World()
    world.tell(after())
    world.resolve(after(days=2000))
    assert world.tell(after(hours=4)) == ["chat: resolved"]


def test_an_end_without_an_instant_is_told_at_once():
    world = World()
    world.tell(after())
    world.change(state=AlertState.RESOLVED, finding=None)
    assert world.tell(after(hours=4)) == ["chat: resolved"]


def test_the_end_is_not_told_to_who_was_not_told_of_the_beginning():
    world = World()
    world.resolve(after(hours=4))
    assert world.tell(after(hours=5)) == []


def test_a_firing_never_sent_that_has_resolved_becomes_one_message_that_says_both():
    world = World()
    world.queue(after())
    world.resolve(after(hours=4))
    assert world.queue(after(hours=5)) == ["chat: resolved"]
    assert world.sent[-1].replaces_first
    world.deliver(after(hours=5))
    assert world.tell(after(hours=6)) == []


def test_an_end_behind_a_repeat_that_is_not_delivered_does_not_say_both():
    world = World()
    world.tell(after())
    world.queue(after(days=1))
    world.resolve(after(days=1, hours=1))
    assert world.queue(after(days=1, hours=2)) == ["chat: resolved"]
    assert not world.sent[-1].replaces_first


def test_a_target_that_is_removed_is_told_once_to_who_was_told():
    world = World(receivers=("chat", "mail"))
    world.tell(after())
    world.told = [one for one in world.told if one.receiver == "chat"]
    world.drop()
    assert world.tell(after(hours=1)) == ["chat: dropped"]
    assert world.tell(after(hours=1)) == []
    assert world.next_at(after(hours=1)) is None


def test_a_first_message_never_sent_is_not_followed_by_no_longer_watched():
    world = World()
    world.queue(after())
    world.drop()
    assert world.queue(after(hours=1)) == []


def test_recording_keeps_what_other_receivers_were_told():
    world = World(receivers=("chat", "mail"))
    world.tell(after())
    before = {one.receiver: one for one in world.told}
    world.receivers = ("chat",)
    world.tell(after(days=1))
    now = {one.receiver: one for one in world.told}
    assert now["mail"] == before["mail"]
    assert now["chat"] == Told(
        alert_id=17,
        receiver="chat",
        reason=TellReason.REPEAT,
        at=after(days=1),
        severity=Severity.WARNING,
        repeats=1,
        queued=False,
        delivered=True,
        missing=("20241016",),
    )


@pytest.mark.parametrize(
    ("delivered_at", "counts_from"),
    [
        pytest.param(None, after(), id="not delivered yet"),
        pytest.param(after(minutes=1), after(), id="delivered promptly"),
        pytest.param(after(minutes=1, seconds=1), after(minutes=1, seconds=1), id="delivered late"),
    ],
)
def test_a_message_counts_from_its_queueing_unless_it_came_late(delivered_at, counts_from):
    assert dispatch.told_at(after(), delivered_at) == counts_from

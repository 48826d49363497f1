"""Acks and silences: what they mute, and what is told once they no longer do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.model import Route, Severity
from tests.telling import PUBLISHED_AT, World, after, behind

NEWER = behind(v20241016=PUBLISHED_AT, v20241101=after(hours=30))


def test_an_alert_that_fires_during_a_silence_is_told_when_the_silence_ends():
    # The design's example: a silence over hours 5 to 8, an alert that fires at hour 6.
    world = World()
    world.silence(after(hours=-1), after(hours=2))
    assert world.play(until=after(hours=10)) == [(after(hours=2), "chat: first")]


def test_silences_that_follow_each_other_mute_until_the_last_one_ends():
    world = World()
    world.silence(after(hours=-1), after(hours=2))
    world.silence(after(hours=1), after(hours=3))
    assert world.play(until=after(hours=10)) == [(after(hours=3), "chat: first")]


def test_a_repeat_and_an_escalation_wait_for_the_end_of_a_silence():
    world = World()
    world.tell(after())
    world.silence(after(hours=20), after(hours=30))
    assert world.next_at(after(hours=1)) == after(hours=30)
    world.escalate()
    assert world.tell(after(hours=25)) == []
    assert world.tell(after(hours=30)) == ["chat: escalated"]


def test_an_end_during_a_silence_is_told_when_the_silence_ends():
    world = World()
    world.tell(after())
    world.silence(after(hours=1), after(hours=5))
    world.resolve(after(hours=2))
    assert world.play(until=after(hours=9), start=after(hours=2)) == [(after(hours=5), "chat: resolved")]


def test_a_removal_during_a_silence_is_told_when_the_silence_ends():
    world = World()
    world.tell(after())
    world.silence(after(hours=1), after(hours=5))
    world.drop()
    assert world.tell(after(hours=2)) == []
    assert world.tell(after(hours=5)) == ["chat: dropped"]


def test_what_fires_and_ends_within_a_silence_is_never_told():
    world = World()
    world.silence(after(hours=-1), after(hours=5))
    world.tell(after())
    world.resolve(after(hours=2))
    assert world.play(until=after(days=9), start=after(hours=2)) == []


def test_a_silence_of_another_target_mutes_nothing():
    world = World()
    world.silence(after(hours=-1), after(hours=5))
    world.silences = [replace(silence, target="uv") for silence in world.silences]
    assert world.tell(after()) == ["chat: first"]


def test_a_silence_that_is_taken_back_is_as_if_it_had_ended():
    world = World()
    world.silence(after(hours=-1), after(days=5))
    assert world.tell(after()) == []
    world.silences.clear()
    assert world.tell(after(minutes=1)) == ["chat: first"]


def test_an_ack_mutes_repeats_and_escalation_but_not_the_end():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    assert world.next_at(after(hours=1)) is None
    world.escalate()
    assert world.tell(after(days=30)) == []
    world.resolve(after(days=31))
    assert world.tell(after(days=32)) == ["chat: resolved"]


def test_an_ack_that_is_taken_back_lets_repeats_go_on():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    world.acks.clear()
    assert world.next_at(after(hours=2)) == after(days=1)


def test_an_ack_ends_when_a_newer_release_is_missing_and_that_is_told_at_once():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    assert world.tell(after(hours=29)) == []
    world.change(finding=NEWER)
    assert world.tell(after(hours=30)) == ["chat: repeat"]
    assert world.tell(after(hours=30)) == []
    assert world.next_at(after(hours=30)) == after(hours=78)


def test_a_release_that_ended_an_ack_during_a_silence_is_told_when_the_silence_ends():
    world = World(policy=replace(World().policy, repeat_every=timedelta(days=7)))
    world.tell(after())
    world.ack(after(hours=1))
    world.silence(after(hours=29), after(hours=31))
    world.change(finding=NEWER)
    assert world.play(until=after(hours=40), start=after(hours=30)) == [(after(hours=31), "chat: repeat")]


def test_an_escalation_muted_by_an_ack_is_told_when_the_ack_ends():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    world.escalate()
    assert world.tell(after(hours=29)) == []
    world.change(finding=NEWER)
    assert world.tell(after(hours=30)) == ["chat: escalated"]


def test_a_second_ack_mutes_what_ended_the_first():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    world.change(finding=NEWER)
    world.tell(after(hours=30))
    world.ack(after(hours=31))
    assert world.tell(after(days=60)) == []


def test_an_alert_that_comes_back_within_its_damping_is_still_acked():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    world.resolve(after(hours=2))
    world.tell(after(hours=2))
    world.come_back()
    assert world.tell(after(days=9)) == []


def test_an_ack_does_not_page_whom_only_the_escalation_concerns():
    pager = Route(receivers=("pager",), severities=(Severity.CRITICAL,))
    chat = Route(receivers=("chat",))
    world = World(receivers=("chat", "pager"), routes=[pager, chat])
    assert world.tell(after()) == ["chat: first"]
    world.ack(after(hours=1))
    world.escalate()
    assert world.tell(after(days=1)) == []
    world.acks.clear()
    assert world.tell(after(days=2)) == ["chat: escalated", "pager: first"]


def test_an_ack_does_not_keep_a_new_receiver_from_being_told():
    world = World()
    world.tell(after())
    world.ack(after(hours=1))
    world.receivers = ("chat", "mail")
    assert world.tell(after(hours=2)) == ["mail: first"]

"""What holds of telling whatever happens: worlds and lives made up at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import dispatch
from monitor.model import (
    Ack,
    Alert,
    AlertState,
    CheckName,
    Policy,
    Route,
    Severity,
    Silence,
    TellReason,
    Told,
)
from monitor.silences import holds
from tests.telling import FIRED_AT, NAME, PUBLISHED_AT, World, after, behind, firing

RECEIVERS = ("chat", "mail", "pager")
# A world takes long to make up, and each of these asks little of it.
few = settings(max_examples=40)
BEGINS = {TellReason.FIRST}
ENDS = {TellReason.RESOLVED, TellReason.DROPPED}

spans = st.integers(min_value=-3 * 24 * 60, max_value=20 * 24 * 60).map(
    lambda count: timedelta(minutes=count)
)
instants = spans.map(lambda span: FIRED_AT + span)
tags = st.lists(st.sampled_from(["20241016", "20241101", "20241105"]), unique=True).map(tuple)


@st.composite
def findings(draw):
    missing = draw(
        st.lists(st.sampled_from(["v20241016", "v20241101", "v20241105"]), unique=True, min_size=1)
    )
    finding = behind(**{tag: draw(instants) for tag in missing})
    return draw(st.sampled_from([finding, replace(finding, missing_since=()), None]))


alerts = st.builds(
    firing,
    state=st.sampled_from(AlertState),
    severity=st.sampled_from(Severity),
    resolved_at=st.none() | instants,
    critical_at=st.none() | instants,
    held=st.none() | st.just("99999999 is not listed"),
    finding=findings(),
)
tellings = st.builds(
    Told,
    alert_id=st.just(17),
    receiver=st.sampled_from(RECEIVERS),
    reason=st.sampled_from(TellReason),
    at=instants,
    severity=st.sampled_from(Severity),
    repeats=st.integers(0, 9),
    queued=st.booleans(),
    delivered=st.booleans(),
    missing=tags,
)
acks = st.builds(Ack, alert_id=st.sampled_from([17, 18]), at=instants, who=st.just("ada"), missing=tags)


@st.composite
def silences(draw):
    start = draw(instants)
    return Silence(
        id=1,
        from_at=start,
        until_at=start + timedelta(minutes=draw(st.integers(1, 9_000))),
        who="ada",
        target=draw(st.sampled_from([None, NAME, "uv"])),
        label=draw(st.sampled_from([None, ("team", "toolchain"), ("team", "web")])),
        check=draw(st.sampled_from([None, CheckName.BEHIND])),
    )


routes = st.builds(
    Route,
    receivers=st.lists(st.sampled_from(RECEIVERS), unique=True, min_size=1).map(tuple),
    labels=st.sampled_from([{}, {"team": "toolchain"}, {"team": "web"}]),
    severities=st.sampled_from([(), (Severity.WARNING,), (Severity.CRITICAL,)]),
    checks=st.sampled_from([(), (CheckName.BEHIND,), (CheckName.BLIND,)]),
)
policies = st.builds(
    Policy,
    keep_firing_for=st.sampled_from([timedelta(0), timedelta(minutes=10), timedelta(days=3)]),
    repeat_every=st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(days=9)]),
    threshold=st.sampled_from([timedelta(0), timedelta(hours=2)]),
)
worlds = st.builds(
    World,
    alert=alerts,
    receivers=st.lists(st.sampled_from(RECEIVERS), unique=True).map(tuple),
    routes=st.lists(routes, max_size=2),
    acks=st.lists(acks, max_size=2),
    silences=st.lists(silences(), max_size=3),
    policy=policies,
    told=st.lists(tellings, max_size=3, unique_by=lambda one: one.receiver),
    is_watched=st.booleans(),
)


def told_to(world: World, receiver: str) -> Told | None:
    return next((one for one in world.told if one.receiver == receiver), None)


@few
@given(worlds, instants)
def test_nothing_is_due_any_more_once_it_is_recorded(world, now):
    world.queue(now)
    assert world.due(now) == ()


@few
@given(worlds, instants)
def test_an_end_is_told_only_to_who_was_told_of_the_beginning(world, now):
    for one in world.due(now):
        before = told_to(world, one.receiver)
        if one.reason in ENDS:
            assert before is not None
            assert before.reason not in ENDS
        if one.reason in {TellReason.REPEAT, TellReason.ESCALATED}:
            assert before is not None
            assert not before.queued or one.reason is TellReason.ESCALATED


@few
@given(worlds, instants)
def test_only_configured_receivers_are_told_and_never_what_is_pending(world, now):
    due = world.due(now)
    assert {one.receiver for one in due} <= set(world.receivers)
    assert not (due and world.alert.state is AlertState.PENDING)


@given(worlds, instants, st.lists(st.integers(1, 40_000), min_size=8, max_size=8))
def test_nothing_becomes_due_before_the_next_instant_and_something_does_then(world, now, minutes):
    wake_at = world.next_at(now)
    world.queue(now)
    assert world.next_at(now) == wake_at
    for count in minutes:
        at = now + timedelta(minutes=count)
        if wake_at is None or at < wake_at:
            assert world.due(at) == ()
    if wake_at is not None:
        assert wake_at > now
        assert world.due(wake_at - timedelta(microseconds=1)) == () or wake_at == now
        assert world.due(wake_at) != ()


@few
@given(worlds, instants)
def test_nothing_is_told_during_a_silence_of_everything(world, now):
    world.silences.append(Silence(id=9, from_at=now, until_at=now + timedelta(hours=1), who="ada"))
    assert world.due(now) == ()


# --- lives ---------------------------------------------------------------------------------------

Deed = Callable[[World, datetime], object]


def newer(world: World, at: datetime) -> None:
    if world.alert.state is AlertState.FIRING:
        world.change(finding=behind(v20241016=PUBLISHED_AT, v20241101=at))


def toggle_hold(world: World, at: datetime) -> None:
    world.change(held=None if world.alert.held else "99999999 is not listed")


def add_or_remove(world: World, at: datetime) -> None:
    world.receivers = ("chat",) if len(world.receivers) > 1 else ("chat", "mail")


def while_firing(deed: Deed) -> Deed:
    def only_then(world: World, at: datetime) -> None:
        if world.alert.state is AlertState.FIRING:
            deed(world, at)

    return only_then


def come_back(world: World, at: datetime) -> None:
    if world.alert.state is AlertState.RESOLVED:
        world.come_back()


MOMENT = timedelta(microseconds=1)

DEEDS: dict[str, Deed] = {
    "queue": lambda world, at: world.queue(at),
    "deliver": lambda world, at: world.deliver(at),
    "tell": lambda world, at: world.tell(at),
    "resolve": while_firing(lambda world, at: world.resolve(at)),
    "come back": come_back,
    "drop": lambda world, at: world.drop(),
    "escalate": while_firing(lambda world, at: world.escalate()),
    "ack": while_firing(lambda world, at: world.ack(at)),
    # From just after this instant: what was told at it was told before.
    "silence": lambda world, at: world.silence(at + MOMENT, at + timedelta(hours=30)),
    "newer": newer,
    "hold": toggle_hold,
    "receivers": add_or_remove,
}


@given(st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 3000)), max_size=40))
def test_every_receiver_hears_a_whole_story(deeds):
    world, at = World(receivers=("chat", "mail")), after()
    for deed, minutes in deeds:
        at += timedelta(minutes=minutes)
        DEEDS[deed](world, at)
    for receiver in ("chat", "mail"):
        is_told = False
        for one in (one for one in world.sent if one.receiver == receiver):
            assert (one.reason in BEGINS) is not is_told
            is_told = one.reason not in ENDS
            assert not any(holds(silence, one.at) for silence in world.silences)


def alert_of(number: int) -> Alert:
    return firing(id=number)


@given(st.lists(st.integers(1, 5), unique=True))
def test_what_is_told_of_one_alert_says_nothing_of_another(numbers):
    world = World()
    surroundings = world.surroundings() | {"alerts": [alert_of(number) for number in numbers]}
    due = dispatch.due(now=after(), **surroundings)
    assert [one.alert_id for one in due] == numbers
    told = dispatch.recorded((), due[:1])
    again = dispatch.due(now=after(), **(surroundings | {"told": told}))
    assert [one.alert_id for one in again] == numbers[1:]

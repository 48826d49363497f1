"""Who is told: routes, receivers that come and go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor import dispatch
from monitor.dispatch.routing import as_fired, has_escalated, receivers_of
from monitor.model import CheckName, Route, Severity
from tests.telling import World, after, firing

LABELS = {"team": "toolchain", "tier": "1"}
ALL = ("chat", "mail", "pager")
CRITICAL = firing(severity=Severity.CRITICAL)


@pytest.mark.parametrize(
    ("routes", "alert", "told"),
    [
        pytest.param([], firing(), ALL, id="without routes everybody"),
        pytest.param([Route(receivers=("mail",))], firing(), ("mail",), id="a route without matchers"),
        pytest.param(
            [Route(receivers=("mail",), labels={"team": "toolchain"})], firing(), ("mail",), id="by label"
        ),
        pytest.param(
            [Route(receivers=("mail",), labels={"team": "toolchain", "tier": "2"})],
            firing(),
            ALL,
            id="one of two labels does not match, so everybody",
        ),
        pytest.param(
            [Route(receivers=("pager",), severities=(Severity.CRITICAL,))],
            CRITICAL,
            ("pager",),
            id="by severity",
        ),
        pytest.param(
            [Route(receivers=("pager",), severities=(Severity.CRITICAL,))],
            firing(),
            ALL,
            id="no route matches, so everybody",
        ),
        pytest.param(
            [Route(receivers=("mail",), checks=(CheckName.MALFORMED, CheckName.BEHIND))],
            firing(),
            ("mail",),
            id="by check",
        ),
        pytest.param(
            [Route(receivers=("mail",), checks=(CheckName.MALFORMED,))], firing(), ALL, id="another check"
        ),
        pytest.param(
            [Route(receivers=("pager", "mail")), Route(receivers=("mail", "chat"))],
            firing(),
            ALL,
            id="every route that matches, each receiver once and in order",
        ),
        pytest.param(
            [Route(receivers=("gone",))], firing(), (), id="a receiver that is not configured is not told"
        ),
    ],
)
def test_every_route_that_matches_sends_and_what_matches_none_goes_to_all(routes, alert, told):
    assert receivers_of(alert, LABELS, routes, ALL) == told


@pytest.mark.parametrize(
    ("alert", "escalated"),
    [
        pytest.param(firing(), False, id="a warning"),
        pytest.param(CRITICAL, True, id="critical a day after it fired"),
        pytest.param(replace(CRITICAL, critical_at=CRITICAL.fired_at), False, id="critical as it fired"),
        pytest.param(replace(CRITICAL, critical_at=None), False, id="critical from the first"),
        pytest.param(replace(CRITICAL, fired_at=None), False, id="never fired"),
    ],
)
def test_an_alert_has_escalated_if_it_became_critical_after_it_fired(alert, escalated):
    assert has_escalated(alert) is escalated
    assert as_fired(alert).severity is (Severity.WARNING if escalated else alert.severity)


def test_a_receiver_added_while_something_fires_is_told_it_as_first():
    world = World()
    world.tell(after())
    world.receivers = ("chat", "mail")
    assert world.tell(after(hours=5)) == ["mail: first"]


def test_a_receiver_that_is_removed_is_told_nothing_more():
    world = World(receivers=("chat", "mail"))
    world.tell(after())
    world.receivers = ("mail",)
    world.resolve(after(hours=1))
    assert world.tell(after(hours=2)) == ["mail: resolved"]


def test_without_receivers_nobody_is_told():
    world = World(receivers=())
    assert world.tell(after()) == []
    assert world.next_at(after()) is None


def test_whom_the_alert_no_longer_concerns_is_told_of_its_end_only():
    world = World(receivers=("chat", "mail"))
    world.tell(after())
    world.routes = [Route(receivers=("mail",))]
    assert world.tell(after(days=1)) == ["mail: repeat"]
    world.resolve(after(days=1, hours=1))
    assert world.tell(after(days=1, hours=2)) == ["chat: resolved", "mail: resolved"]


def test_whom_only_the_escalation_concerns_is_told_it_as_first():
    pager = Route(receivers=("pager",), severities=(Severity.CRITICAL,))
    chat = Route(receivers=("chat",), severities=(Severity.WARNING,))
    world = World(receivers=("chat", "pager"), routes=[pager, chat])
    assert world.tell(after()) == ["chat: first"]
    world.escalate()
    assert world.tell(after(days=1)) == ["pager: first"]


def test_a_message_given_up_as_undelivered_is_not_told_so_that_it_is_due_again():
    world = World()
    world.queue(after())
    world.told = []
    assert world.queue(after(days=7)) == ["chat: first"]


def test_alerts_come_in_their_order_and_receivers_in_theirs():
    world = World(receivers=("mail", "chat"))
    surroundings = world.surroundings() | {"alerts": [firing(), firing(id=18, target="gone")]}
    both = dispatch.due(now=after(), **surroundings)
    assert [(one.alert_id, one.receiver) for one in both] == [
        (17, "mail"),
        (17, "chat"),
        (18, "mail"),
        (18, "chat"),
    ]

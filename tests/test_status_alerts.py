"""What is shown of alerts, acks and silences, what comes next, and all of it as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.model import (
    AlertState,
    CheckName,
    Evidence,
    Severity,
    Silence,
    SinceClock,
    TellReason,
    Told,
)
from monitor.silences import ack_of
from monitor.status import AckStatus, NextEvent, ToldStatus, to_json
from monitor.status.rendering import plain
from tests.picturing import NAME, draw, watched
from tests.telling import after, behind, firing

FIRING = watched(hours=1)
PENDING = watched(hours=-1)
ALERT = FIRING.alerts[0]
EVIDENCE = Evidence(at=after(hours=1), confirmed=True, cache_age_for=timedelta(seconds=12.5))


def silence(number: int, until: float = 9, **matchers) -> Silence:
    return Silence(id=number, from_at=after(), until_at=after(hours=until), who="ada", **matchers)


def told(receiver: str, alert_id: int = 17) -> Told:
    return Told(
        alert_id=alert_id,
        receiver=receiver,
        reason=TellReason.FIRST,
        at=after(hours=1),
        severity=Severity.WARNING,
        delivered=True,
    )


def test_an_alert_shows_what_it_was_as_it_fired_and_what_it_is_today():
    today = behind(v20241016=ALERT.since, v20241101=after(hours=2))
    (alert,) = draw(replace(FIRING, alerts=(replace(ALERT, finding=today, evidence=EVIDENCE),))).alerts
    assert (alert.fired_missing, alert.fired_newest, alert.fired_named) == (
        ("20241016",),
        "20241016",
        "20241008",
    )
    assert (alert.missing, alert.newest, alert.named) == (("20241016", "20241101"), "20241101", "20241008")
    assert (alert.id, alert.state, alert.fired_at) == (17, AlertState.FIRING, after(hours=1))
    assert alert.evidence == EVIDENCE


def test_an_alert_shows_who_acked_it_what_silences_it_and_who_was_told():
    ack = ack_of(ALERT, at=after(hours=2), who="ada", comment="the mirror is down")
    (alert,) = draw(
        FIRING,
        acks=[ack, replace(ack, alert_id=18)],
        silences=[silence(3, 9), silence(4, 12), silence(5, target="uv"), silence(6, 4)],
        told=[told("mail"), told("chat"), told("chat", 18)],
    ).alerts
    assert alert.ack == AckStatus(who="ada", at=after(hours=2), comment="the mirror is down")
    assert (alert.silenced_by, alert.silenced_until) == ((3, 4), after(hours=12))
    assert [one.receiver for one in alert.told] == ["chat", "mail"]
    assert alert.told[0] == ToldStatus(
        receiver="chat", reason=TellReason.FIRST, at=after(hours=1), queued=True, arrived=True, repeats=0
    )


def test_an_alert_that_is_neither_acked_nor_silenced_says_so():
    (alert,) = draw(FIRING).alerts
    assert (alert.ack, alert.silenced_by, alert.silenced_until, alert.told) == (None, (), None, ())


def test_an_alert_that_is_over_shows_what_it_was():
    over = replace(ALERT, id=16, state=AlertState.RESOLVED, resolved_at=after(hours=2), finding=None)
    (alert,) = draw(alerts=[over]).alerts
    assert (alert.missing, alert.missing_is_at_least) == (("20241016",), False)
    assert (alert.resolved_at, alert.since_is) == (after(hours=2), SinceClock.PUBLISHED)
    assert (alert.metadata_link, alert.release_link) == (None, None)


def test_alerts_come_worst_first_and_each_once():
    blind = firing(check=CheckName.BLIND, id=5, target="all targets")
    critical = firing(id=6, severity=Severity.CRITICAL, target="b")
    older = firing(id=7, since=after(days=-9), finding=None, target="z")
    over = firing(id=8, state=AlertState.RESOLVED, target="c")
    pending = firing(id=None, state=AlertState.PENDING, target="d")
    picture = draw(FIRING, alerts=[over, pending, blind, older, ALERT, critical])
    assert [alert.target for alert in picture.alerts] == ["b", "z", NAME, "all targets", "d", "c"]


def test_what_comes_next_comes_soonest_first():
    picture = draw(
        replace(FIRING, alerts=(*FIRING.alerts, PENDING.alerts[0])),
        now=after(hours=-1),
        silences=[silence(3, 9, target=NAME), silence(4, -2)],
    )
    assert picture.next_events == (
        NextEvent(at=after(), what="fires", target=NAME),
        NextEvent(at=after(hours=9), what="silence ends", target=NAME, silence_id=3),
        NextEvent(at=after(hours=25), what="becomes critical", target=NAME, alert_id=17),
    )


def test_what_is_due_already_is_not_what_comes_next():
    assert draw(PENDING, now=after()).next_events == ()
    assert draw(FIRING, now=after(hours=25)).next_events == ()
    assert draw(silences=[silence(3, 5)]).next_events == ()


def test_of_what_comes_next_only_the_soonest_are_shown():
    many = [silence(number, until=6 + number) for number in range(30)]
    assert [event.silence_id for event in draw(silences=many).next_events] == list(range(20))


def test_silences_come_in_the_order_of_their_ends_and_say_whether_they_mute_now():
    given = [silence(2, 9), silence(1, 9, label=("team", "toolchain")), silence(3, 4, check=CheckName.BEHIND)]
    later = Silence(id=4, from_at=after(hours=6), until_at=after(hours=7), who="ada", comment="a move")
    shown = draw(silences=[*given, later]).silences
    assert [(one.id, one.is_active) for one in shown] == [(3, False), (4, False), (1, True), (2, True)]


# --- JSON ----------------------------------------------------------------------------------------

STATUS_KEYS = {
    "generated_at", "version", "daemon", "targets", "alerts", "silences", "receivers", "next_events",
}  # fmt: skip
TARGET_KEYS = {
    "name", "labels", "word", "severity", "sentence", "named", "newest", "missing", "missing_count",
    "missing_is_at_least", "lag_seconds", "check", "checks", "since", "since_is", "fires_at", "fired_at",
    "alert_id", "is_acked", "is_silenced", "scheme", "threshold_seconds", "metadata", "releases", "left_out",
}  # fmt: skip
SIDE_KEYS = {
    "side", "kind", "label", "link", "look", "looked_at", "good_at", "sentence", "failing_since", "failed",
    "is_complete", "window", "cache_age_seconds", "next_look_at",
}  # fmt: skip
ALERT_KEYS = {
    "id", "check", "target", "side", "state", "severity", "sentence", "reason", "since", "since_is", "named",
    "newest", "missing", "missing_count", "missing_is_at_least", "fires_at", "fired_at", "critical_at",
    "resolved_at", "fired_named", "fired_newest", "fired_missing", "held", "evidence", "metadata_link",
    "release_link", "ack", "silenced_by", "silenced_until", "told",
}  # fmt: skip


def test_the_keys_of_the_json_are_those_that_were_promised():
    rendered = to_json(draw(FIRING))
    assert set(rendered) == STATUS_KEYS
    assert set(rendered["targets"][0]) == TARGET_KEYS
    assert set(rendered["targets"][0]["metadata"]) == SIDE_KEYS
    assert set(rendered["alerts"][0]) == ALERT_KEYS


def test_the_json_says_what_the_picture_says():
    alerts = (replace(ALERT, evidence=EVIDENCE),)
    rendered = to_json(
        draw(replace(FIRING, alerts=alerts), silences=[silence(3, label=("team", "toolchain"))])
    )
    (target,) = rendered["targets"]
    assert (target["word"], target["missing"], target["missing_count"]) == ("behind", ["20241016"], 1)
    assert (target["since"], target["lag_seconds"]) == ("2024-10-16T15:40:00Z", 25_200)
    assert rendered["alerts"][0]["evidence"]["cache_age_seconds"] == 12.5
    assert rendered["silences"][0]["label"] == ["team", "toolchain"]
    assert json.loads(json.dumps(rendered)) == rendered


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        pytest.param(datetime(2024, 2, 26, 3, 18, 47, 999_999, UTC), "2024-02-26T03:18:47Z", id="instant"),
        pytest.param(
            datetime(2024, 2, 26, 4, 18, 47, tzinfo=timezone(timedelta(hours=1))),
            "2024-02-26T03:18:47Z",
            id="an instant of another zone",
        ),
        pytest.param(timedelta(minutes=2), 120, id="span"),
        pytest.param(timedelta(milliseconds=1500), 1.5, id="a part of a second"),
        pytest.param(Severity.CRITICAL, "critical", id="word"),
        pytest.param({"team": ("a", "b")}, {"team": ["a", "b"]}, id="labels"),
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="truth"),
    ],
)
def test_instants_are_strings_and_spans_are_seconds(value, rendered):
    assert plain(value) == rendered

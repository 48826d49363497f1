"""Which silences and acks hold, of what, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor import silences
from monitor.model import (
    Ack,
    Alert,
    AlertState,
    CheckName,
    Finding,
    Severity,
    Silence,
    SinceClock,
)

AT = datetime(2024, 10, 16, 18, 0, tzinfo=UTC)
LABELS = {"team": "toolchain", "tier": "1"}


def finding(*missing: str) -> Finding:
    return Finding(
        check=CheckName.BEHIND,
        target="python-build-standalone",
        since=AT,
        since_is=SinceClock.PUBLISHED,
        fires_at=AT,
        severity=Severity.WARNING,
        sentence="",
        missing=missing,
    )


def alert(*missing: str) -> Alert:
    return Alert(
        id=17,
        check=CheckName.BEHIND,
        target="python-build-standalone",
        state=AlertState.FIRING,
        severity=Severity.WARNING,
        since=AT,
        since_is=SinceClock.PUBLISHED,
        known_at=AT,
        fires_at=AT,
        missing=("20241016",),
        fired_for=("20241016", "20241101"),
        finding=finding(*missing),
    )


def silence(**matchers) -> Silence:
    return Silence(id=1, from_at=AT, until_at=AT + timedelta(hours=3), who="ada", **matchers)


@pytest.mark.parametrize(
    ("matchers", "matches"),
    [
        pytest.param({}, True, id="no matcher, everything"),
        pytest.param({"target": "python-build-standalone"}, True, id="its target"),
        pytest.param({"target": "uv"}, False, id="another target"),
        pytest.param({"check": CheckName.BEHIND}, True, id="its check"),
        pytest.param({"check": CheckName.MALFORMED}, False, id="another check"),
        pytest.param({"label": ("team", "toolchain")}, True, id="its label"),
        pytest.param({"label": ("team", "web")}, False, id="another value of its label"),
        pytest.param({"label": ("owner", "toolchain")}, False, id="a label it has not"),
        pytest.param(
            {"target": "python-build-standalone", "label": ("tier", "1"), "check": CheckName.BEHIND},
            True,
            id="all three match",
        ),
        pytest.param(
            {"target": "python-build-standalone", "label": ("tier", "2"), "check": CheckName.BEHIND},
            False,
            id="one of three does not match",
        ),
    ],
)
def test_a_silence_concerns_an_alert_where_every_matcher_that_is_set_matches(matchers, matches):
    assert silences.concerns(silence(**matchers), alert(), LABELS) is matches


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        pytest.param(timedelta(seconds=-1), False, id="before it begins"),
        pytest.param(timedelta(0), True, id="as it begins"),
        pytest.param(timedelta(hours=3, seconds=-1), True, id="just before its end"),
        pytest.param(timedelta(hours=3), False, id="at its end"),
    ],
)
def test_a_silence_holds_from_its_beginning_until_just_before_its_end(after, holds):
    assert silences.holds(silence(), AT + after) is holds
    assert bool(silences.muting([silence()], alert(), LABELS, AT + after)) is holds


def test_only_silences_that_concern_the_alert_mute_it():
    other, own = silence(target="uv"), silence(target="python-build-standalone")
    assert silences.muting([other, own], alert(), LABELS, AT) == (own,)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        pytest.param(alert("20241101"), ("20241101",), id="what is missing today, after a partial catch-up"),
        pytest.param(
            replace(alert(), held="99999999 is not listed"),
            ("20241016", "20241101"),
            id="all that it was about, while it is held",
        ),
        pytest.param(
            replace(alert(), finding=None),
            ("20241016", "20241101"),
            id="all that it was about, once it is over",
        ),
    ],
)
def test_an_ack_is_given_for_what_is_missing(given, missing):
    ack = silences.ack_of(given, at=AT, who="ada", comment="CI is down")
    assert ack == Ack(alert_id=17, at=AT, who="ada", comment="CI is down", missing=missing)


def test_an_alert_that_has_not_fired_cannot_be_acked():
    with pytest.raises(ValueError, match="has not fired"):
        silences.ack_of(replace(alert(), id=None), at=AT, who="ada")


@pytest.mark.parametrize(
    ("now", "gained"),
    [
        pytest.param(alert("20241016"), (), id="the same is missing"),
        pytest.param(alert(), (), id="less is missing"),
        pytest.param(alert("20241016", "20241101"), ("20241101",), id="a newer one is missing too"),
        pytest.param(alert("20241015", "20241016"), ("20241015",), id="an older one is missing too"),
        pytest.param(replace(alert("20241101"), held="held"), (), id="held"),
        pytest.param(replace(alert("20241101"), finding=None), (), id="over"),
    ],
)
def test_an_ack_ends_when_the_missing_set_gains_a_release(now, gained):
    ack = Ack(alert_id=17, at=AT, who="ada", missing=("20241016",))
    assert silences.gained(ack, now) == gained
    assert silences.ended([ack, replace(ack, alert_id=18)], [now]) == ((ack,) if gained else ())
    assert silences.ack_in_force(now, [ack]) == (None if gained else ack)


def test_the_newest_of_several_acks_is_the_one_in_force():
    early = Ack(alert_id=17, at=AT, who="ada", missing=("20241016",))
    late = replace(early, at=AT + timedelta(hours=1), who="grace")
    of_another = replace(late, alert_id=18, at=AT + timedelta(hours=2))
    assert silences.ack_in_force(alert("20241016"), [late, early, of_another]) == late
    assert silences.ack_in_force(alert("20241016"), [of_another]) is None

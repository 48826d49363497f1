"""When to try again, what to make of a clock that steps, and how several alerts become one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import CheckName, Notification, Severity, TellReason
from monitor.notifier import Health
from monitor.notifier.pace import wait_for
from monitor.notifier.steps import Steps
from monitor.notifier.wording import in_brief, own_fault, refusing, tone, worded
from monitor.receivers import Refused, Tone

NOW = datetime(2024, 10, 16, 17, 40, tzinfo=UTC)
DAY = timedelta(days=1)
NO = timedelta(0)
REFUSED = Refused(sentence="no")
FINAL = Refused(sentence="no such webhook", looks_final=True)


def about(number: int = 1, **changes: Any) -> Notification:
    notification = Notification(
        alert_id=number,
        target=f"t{number}",
        check=CheckName.BEHIND,
        receiver="ops",
        reason=TellReason.FIRST,
        severity=Severity.WARNING,
        at=NOW,
        title=f"[behind] t{number}",
        body="since 15:40\nconfirmed",
    )
    return replace(notification, **changes)


# --- when to try again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 10), (2, 20), (3, 40), (8, 1280), (9, 2560), (10, 3600), (99, 3600)]
)
def test_the_wait_doubles_from_ten_seconds_to_an_hour(failures: int, seconds: int) -> None:
    assert wait_for(REFUSED, failures, NO, chance=0.5) == timedelta(seconds=seconds)


@given(failures=st.integers(1, 1000), chance=st.floats(0, 1, exclude_max=True))
def test_the_wait_is_spread_and_keeps_its_bounds(failures: int, chance: float) -> None:
    middle = wait_for(REFUSED, failures, NO, chance=0.5)
    wait = wait_for(REFUSED, failures, NO, chance)
    assert timedelta(seconds=10) <= wait <= timedelta(hours=1)
    assert 0.75 * middle <= wait <= 1.25 * middle


@pytest.mark.parametrize(("failing_for", "hours"), [(NO, 1), (DAY * 0.9, 1), (DAY, 24), (DAY * 6, 24)])
def test_what_looks_final_is_tried_hourly_and_then_daily(failing_for: timedelta, hours: int) -> None:
    assert wait_for(FINAL, 1, failing_for, chance=0.5) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [
        pytest.param(timedelta(seconds=1), timedelta(seconds=10), id="sooner than we would"),
        pytest.param(timedelta(hours=2), timedelta(hours=2), id="longer than we would"),
        pytest.param(timedelta(days=300), DAY, id="absurdly long"),
    ],
)
def test_a_receiver_that_says_when_is_obeyed_up_to_a_day(asked_for: timedelta, expected: timedelta) -> None:
    assert wait_for(Refused(sentence="", retry_after_for=asked_for), 1, NO, chance=0.5) == expected


def test_a_receiver_is_left_alone_for_as_long_as_it_asks() -> None:
    health = Health().after_refusal(Refused(sentence="", retry_after_for=timedelta(minutes=5)), NOW)
    assert not health.may_be_asked(NOW + timedelta(minutes=4))
    assert health.may_be_asked(NOW + timedelta(minutes=5))


def test_a_clock_that_went_back_does_not_keep_us_away_from_a_receiver() -> None:
    health = Health().after_refusal(Refused(sentence="", retry_after_for=timedelta(minutes=5)), NOW)
    assert health.may_be_asked(NOW - 3650 * DAY)


# --- how a receiver does -------------------------------------------------------------------------


def test_health_counts_and_mends() -> None:
    ill = Health().after_delivery().after_refusal(REFUSED, NOW).after_refusal(FINAL, NOW + DAY)
    assert (ill.delivered, ill.refused, ill.failures) == (1, 2, 2)
    assert (ill.failing_since, ill.sentence, ill.looks_final) == (NOW, "no such webhook", True)
    well = ill.after_delivery()
    assert (well.delivered, well.refused, well.failures) == (2, 2, 0)
    assert (well.failing_since, well.sentence, well.looks_final) == (None, None, False)


def test_others_hear_of_a_final_refusal_once_in_a_run_of_them_and_once_a_day() -> None:
    health = Health().after_refusal(FINAL, NOW)
    assert health.is_for_others(NOW)
    told = replace(health, others_told_at=NOW)
    assert not told.after_refusal(FINAL, NOW + DAY).is_for_others(NOW + DAY)
    again = told.after_delivery().after_refusal(FINAL, NOW + DAY / 2)
    assert not again.is_for_others(NOW + DAY / 2)
    assert again.is_for_others(NOW + DAY)
    assert not told.after_delivery().is_for_others(NOW + DAY)
    assert not Health().after_refusal(REFUSED, NOW).is_for_others(NOW)


# --- steps of the clock --------------------------------------------------------------------------


def test_time_goes_by_from_the_first_attempt() -> None:
    steps = Steps()
    steps.notice(NOW, 0.0)
    steps.notice(NOW + DAY, DAY.total_seconds() + 5)
    assert steps.gone_for(NOW, NOW + DAY) == DAY
    assert steps.gone_for(None, NOW + DAY) == NO


@pytest.mark.parametrize("step", [DAY * 20_000, -DAY * 20_000, timedelta(hours=1)])
def test_what_was_before_a_step_counts_from_the_step(step: timedelta) -> None:
    steps = Steps()
    steps.notice(NOW, 0.0)
    steps.notice(NOW + step, 1.0)
    assert steps.gone_for(NOW, NOW + step + DAY) <= DAY


# --- what the log says ---------------------------------------------------------------------------


def test_the_log_names_what_was_told() -> None:
    assert in_brief([about(1), about(2, reason=TellReason.RESOLVED)]) == (
        "alert 1 of t1: firing, alert 2 of t2: resolved"
    )
    assert in_brief([about(number) for number in range(1, 13)]).endswith(
        "alert 10 of t10: firing, and 2 more"
    )


# --- one message for several ---------------------------------------------------------------------


def test_one_alert_keeps_its_own_message() -> None:
    message = worded([about()])
    assert (message.title, message.body) == ("[behind] t1", "since 15:40\nconfirmed")


def test_several_alerts_are_counted_by_reason_and_each_is_named() -> None:
    message = worded(
        [
            about(1),
            about(2),
            about(3, reason=TellReason.RESOLVED),
            about(4, reason=TellReason.REPEAT, body=""),
        ]
    )
    assert message.title == "[tagdrift] 4 alerts: 2 firing, 1 still firing, 1 resolved"
    assert message.body.splitlines() == [
        *("[behind] t1", "  since 15:40"),
        *("[behind] t2", "  since 15:40"),
        *("[behind] t3", "  since 15:40"),
        "[behind] t4",
    ]


def test_what_has_no_room_is_named_by_its_title_and_then_counted() -> None:
    many = [about(number, body="x" * 300) for number in range(100)]
    assert worded(many[:60]).body.splitlines() == [each.title for each in many[:60]]
    crowd = worded([about(number, title=f"[behind] {number:040}") for number in range(1000)]).body
    assert len(crowd) < 3000
    *named, last = crowd.splitlines()
    assert last == f"and {1000 - len(named)} more: tagdrift alerts"


@pytest.mark.parametrize(
    ("notifications", "expected"),
    [
        pytest.param([about()], Tone.WARNING, id="firing"),
        pytest.param([about(), about(severity=Severity.CRITICAL)], Tone.FAILURE, id="one is critical"),
        pytest.param([about(reason=TellReason.RESOLVED)], Tone.SUCCESS, id="over"),
        pytest.param(
            [about(reason=TellReason.DROPPED, severity=Severity.CRITICAL)],
            Tone.SUCCESS,
            id="over, once critical",
        ),
        pytest.param([about(reason=TellReason.RESOLVED), about()], Tone.WARNING, id="one is not over"),
    ],
)
def test_the_worst_gives_the_colour(notifications: list[Notification], expected: Tone) -> None:
    assert tone(notifications) is expected


def test_what_a_receiver_says_of_itself_does_nothing_in_another() -> None:
    assert "<!here>" not in refusing("ops", "said <!here>").body
    assert "notify test ops" in refusing("ops", "no").body
    assert "disk full" in own_fault("disk full").body

"""Hard histories, each small: what must be told of them, and what must not."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import BehindReason, EventKind, Rollback
from monitor.replay.releases import fates_of
from tests.replaying import at, in_short, replay, rows

TOLD = tomllib.loads((Path(__file__).parent / "replay_histories.toml").read_text())
START = ("2024-01-01 00:00 release 1.0.0", "2024-01-01 01:00 metadata 1.0.0")


def lines_of(name: str) -> list[str]:
    return TOLD[name]["rows"].splitlines()


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_of_a_history(name: str) -> None:
    played = replay(*lines_of(name), scheme=TOLD[name].get("scheme", "auto"))
    assert in_short(played.alerts) == TOLD[name]["told"]


def test_what_is_due_after_the_last_row_fires_where_the_history_goes_on() -> None:
    lines = (*START, "2024-01-05 00:00 release 1.1.0")
    assert in_short(replay(*lines, until="2024-01-05 01:59").alerts) == []
    told = ["behind 01-05 00:00 -> 01-05 02:00 ..  1.0.0 < 1.1.0 (1)"]
    assert in_short(replay(*lines, until="2024-01-05 02:00").alerts) == told


def test_going_back_is_the_reason_that_is_given() -> None:
    lines = lines_of("a roll-back")
    assert [alert.reason for alert in replay(*lines).alerts] == [BehindReason.REGRESSED]
    assert replay(*lines, rollback=Rollback.ALLOW).alerts == ()


def test_pre_releases_count_where_the_policy_says_so() -> None:
    lines = lines_of("a pre-release")
    told = ["behind 01-05 00:00 -> 01-05 02:00 .. 01-09 03:00 1.0.0 < 1.1.0-rc.1 (1)"]
    assert in_short(replay(*lines, prereleases=True).alerts) == told


def test_a_scheme_that_changes_on_the_way_is_an_event_and_tells_nothing() -> None:
    played = replay(*START, "2024-01-05 00:00 release 1.1", "2024-01-05 01:00 metadata 1.1")
    assert played.alerts == ()
    assert played.state.scheme == "pep440"
    changes = [event.at for event in played.events if event.kind is EventKind.SCHEME_CHANGED]
    assert changes == [at("2024-01-05 00:00")]


def test_versions_that_fit_no_scheme_are_malformed_and_name_three() -> None:
    played = replay(
        *(
            f"2024-01-0{day} 00:00 release {tag}"
            for day, tag in enumerate(("alpha", "beta", "gamma", "x"), 1)
        ),
        "2024-01-05 00:00 metadata alpha",
        until="2024-01-06 00:00",
    )
    assert in_short(played.alerts) == ["malformed 01-05 00:00 first_seen -> 01-05 00:15 .. "]
    assert "'alpha', 'beta', 'gamma'" in played.alerts[0].sentence


def test_order_may_be_that_of_publication() -> None:
    lines = ("2024-01-01 00:00 release b", "2024-01-01 01:00 metadata b", "2024-01-05 00:00 release a")
    played = replay(*lines, "2024-01-05 03:00 metadata a", scheme="published")
    assert in_short(played.alerts) == ["behind 01-05 00:00 -> 01-05 02:00 .. 01-05 03:00 b < a (1)"]


def test_what_was_never_named_is_superseded_and_has_a_lag() -> None:
    lines = lines_of("superseded")
    played = replay(*lines, scheme="calver")
    fates = {fate.version: fate for fate in fates_of(played.state, played.until_at)}
    assert fates["20240711"].superseded_by == "20240712"
    assert fates["20240711"].lag_for == timedelta(minutes=90)
    assert not fates["20240711"].is_announced
    assert fates["20240712"].superseded_by is None
    assert fates["20240712"].lag_for == timedelta(minutes=30)


def test_a_threshold_of_nothing_tells_at_first_sight() -> None:
    lines = lines_of("made good in time")
    told = ["behind 01-05 00:00 -> 01-05 00:00 .. 01-05 01:59 1.0.0 < 1.1.0 (1)"]
    assert in_short(replay(*lines, threshold=timedelta(0)).alerts) == told
    both = lines_of("released and named in one instant")
    assert replay(*both, threshold=timedelta(0)).alerts == ()


def test_a_side_without_rows_tells_nothing() -> None:
    assert replay("2024-01-01 00:00 release 1.0.0", until="2025-01-01 00:00").alerts == ()
    assert replay("2024-01-01 00:00 metadata 1.0.0", until="2025-01-01 00:00").alerts == ()


def test_messages_are_those_that_the_daemon_would_send() -> None:
    lines = (*START, "2024-01-05 00:00 release 1.1.0", "2024-01-08 00:00 metadata 1.1.0")
    played = replay(*lines, until="2024-01-09 00:00")
    assert [(message.at, message.reason.value) for message in played.messages] == [
        (at("2024-01-05 02:00"), "first"),
        (at("2024-01-06 02:00"), "escalated"),
        (at("2024-01-07 02:00"), "repeat"),
        (at("2024-01-08 00:10"), "resolved"),
    ]
    assert played.messages[0].title == "[behind] project: the metadata names 1.0.0; 1.1.0 is out"


def test_rows_in_a_test_are_what_they_look_like() -> None:
    assert [row.value for row in rows("2024-01-01 00:00 release 1.0", "2024-01-01 00:00 metadata")] == [
        "1.0",
        "",
    ]

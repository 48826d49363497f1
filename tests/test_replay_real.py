"""The real history of python-build-standalone, which lies beside the project where it lies at all.

Without it these tests show nothing, and the end of the run says so (`tests/conftest.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from click.testing import CliRunner

from monitor.cli import tagdrift
from monitor.model import EventKind, Policy
from monitor.replay import Replay, alert_of, csv_history, suggest
from monitor.replay.releases import fates_of
from monitor.replay.summary import summary_of
from tests.conftest import REAL_DATA
from tests.replaying import at

GIT, PUBLISHED = "python-build-standalone.csv", "python-build-standalone.published.csv"


def on_real_data(test: Callable[[], None]) -> Callable[[], None]:
    def shows_nothing() -> None: ...

    return test if REAL_DATA.is_dir() else shows_nothing


@cache
def played(name: str, hours: int) -> Replay:
    policy = Policy(scheme="calver", threshold=timedelta(hours=hours))
    return csv_history(REAL_DATA / name).play(lambda _: policy)


def alerts(replay: Replay, check: str) -> list[dict[str, Any]]:
    return [alert_of(alert) for alert in replay.alerts if alert.check == check]


@on_real_data
def test_counts_are_those_of_the_rules() -> None:
    counts = {
        hours: Counter(alert.check.value for alert in played(GIT, hours).alerts) for hours in (1, 6, 24)
    }
    assert {hours: count["behind"] for hours, count in counts.items()} == {1: 81, 6: 31, 24: 5}
    assert all(count["malformed"] == 1 and count["ambiguous"] == 1 for count in counts.values())
    assert all(set(count) == {"behind", "malformed", "ambiguous"} for count in counts.values())


@on_real_data
def test_publication_times_show_no_drift_of_an_hour() -> None:
    assert played(PUBLISHED, 1).alerts == ()


@on_real_data
def test_the_longest_drift_goes_on_through_a_commit_hash() -> None:
    assert alerts(played(GIT, 24), "behind")[0] == {
        "check": "behind",
        "since": "2024-02-25T03:18:47Z",
        "since_is": "published",
        "fired_at": "2024-02-26T03:18:47Z",
        "resolved_at": "2024-04-19T03:35:21Z",
        "named": "20240107",
        "newest": "20240224",
        "missing": 1,
    }
    (malformed,) = alerts(played(GIT, 24), "malformed")
    assert (malformed["since"], malformed["resolved_at"]) == ("2024-04-17T21:19:48Z", "2024-04-17T22:12:42Z")


@on_real_data
def test_a_mistyped_year_is_ambiguous_and_no_step_back() -> None:
    (ambiguous,) = alerts(played(GIT, 1), "ambiguous")
    assert (ambiguous["since"], ambiguous["named"]) == ("2026-03-23T14:49:49Z", "20250323")
    during = [
        event
        for event in played(GIT, 1).events
        if event.check == "behind" and at("2026-03-23 21:08") <= event.at < at("2026-03-24 10:00")
    ]
    assert [event.kind for event in during] == [EventKind.RESOLVED]


@on_real_data
def test_two_releases_were_superseded_before_they_were_named() -> None:
    replay = played(GIT, 1)
    fates = {fate.version: fate for fate in fates_of(replay.state, replay.until_at)}
    assert {version for version, fate in fates.items() if fate.superseded_by} == {"20250711", "20260407"}
    assert fates["20250711"].named_at is None
    assert fates["20260407"].superseded_by == "20260408"


@on_real_data
def test_the_founding_incident_is_told() -> None:
    told = [alert for alert in alerts(played(GIT, 6), "behind") if alert["newest"] == "20241016"]
    assert told == [
        {
            "check": "behind",
            "since": "2024-10-15T23:42:02Z",
            "since_is": "published",
            "fired_at": "2024-10-16T05:42:02Z",
            "resolved_at": "2024-10-16T21:49:04Z",
            "named": "20241008",
            "newest": "20241016",
            "missing": 1,
        }
    ]


@on_real_data
def test_figures_are_those_that_the_data_is_said_to_have() -> None:
    lags = summary_of(played(GIT, 24)).lags
    figures = (lags.least_for, lags.median_for, lags.p90_for, lags.p95_for, lags.most_for)
    shown = [round(figure.total_seconds() / 3600, 2) for figure in figures if figure is not None]
    assert (lags.announced, shown) == (82, [1.11, 4.05, 22.89, 37.69, 1266.90])
    minutes = summary_of(played(PUBLISHED, 1)).lags
    assert minutes.announced == 16
    assert minutes.most_for == timedelta(minutes=33, seconds=42)


@on_real_data
def test_a_threshold_is_proposed_for_it() -> None:
    suggestion = suggest(csv_history(REAL_DATA / PUBLISHED), lambda _: Policy(scheme="calver"))
    assert (suggestion.threshold, suggestion.told) == (timedelta(hours=1), 0)


@on_real_data
def test_the_command_prints_it_in_seconds() -> None:
    arguments = ["backtest", "--csv", str(REAL_DATA / GIT), "--scheme", "calver", "--format", "json"]
    done = CliRunner().invoke(tagdrift, [*arguments, "--threshold", "1h,6h,24h"])
    assert done.exit_code == 0, done.output
    thresholds = json.loads(done.stdout)["thresholds"]
    assert [each["threshold"] for each in thresholds] == [3600, 21600, 86400]
    behind = [sum(alert["check"] == "behind" for alert in each["alerts"]) for each in thresholds]
    assert behind == [81, 31, 5]

"""`backtest` and `suggest` as people and programs call them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import tagdrift
from monitor.cli.progress import Bar, progress

HISTORY = """\
time_utc,source,value
2024-01-01T00:00:00Z,release,1.0.0
2024-01-01T01:00:00Z,metadata,1.0.0
2024-01-05T00:00:00Z,release,1.1.0
2024-01-05T03:18:47Z,metadata,1.1.0
2024-02-01T00:00:00Z,release,1.2.0
2024-02-02T12:00:00Z,release,1.3.0
2024-02-03T00:00:00Z,pointer,1.3.0
2024-03-01T00:00:00Z,metadata,<script>alert(1)</script>|
2024-03-02T00:00:00Z,release,1.4.0
"""
FIRST = {
    "check": "behind",
    "since": "2024-01-05T00:00:00Z",
    "since_is": "published",
    "fired_at": "2024-01-05T02:00:00Z",
    "resolved_at": "2024-01-05T03:18:47Z",
    "named": "1.0.0",
    "newest": "1.1.0",
    "missing": 1,
}


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "project.csv"
    path.write_text(HISTORY)
    return path


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(tagdrift, [str(argument) for argument in arguments], **options)


def document(*arguments: object) -> dict[str, Any]:
    done = run("backtest", *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_has_the_alerts_as_at_firing(history: Path) -> None:
    found = document("--csv", history)
    assert found["alerts"][0] == FIRST
    assert [(alert["check"], alert["resolved_at"]) for alert in found["alerts"]] == [
        ("behind", "2024-01-05T03:18:47Z"),
        ("behind", "2024-02-03T00:00:00Z"),
        ("malformed", None),
    ]
    assert found["alerts"][1]["missing"] == 1
    assert found["alerts"][2]["named"] is None
    assert found["notes"] == ["versions are compared by semver, which auto came to"]
    assert found["messages"][0] == {
        "at": "2024-01-05T02:00:00Z",
        "check": "behind",
        "reason": "first",
        "title": "[behind] project: the metadata names 1.0.0; 1.1.0 is out",
        "body": found["messages"][0]["body"],
    }
    assert found["summary"]["announced"] == 2
    assert found["summary"]["superseded"] == ["1.2.0"]
    assert found["summary"]["waiting"] == ["1.4.0"]
    assert found["summary"]["lag_seconds"]["min"] == 11_927


def test_several_thresholds_are_a_list_by_rising_threshold(history: Path) -> None:
    found = document("--csv", history, "--threshold", "3d, 2h,24h")
    assert [each["threshold"] for each in found["thresholds"]] == [7200, 86400, 259200]
    behind = [[alert["check"] for alert in each["alerts"]].count("behind") for each in found["thresholds"]]
    assert behind == [2, 1, 0]
    assert found["thresholds"][0]["alerts"][0] == FIRST


def test_a_history_without_alerts_is_no_failure(history: Path) -> None:
    assert document("--csv", history, "--until", "2024-01-02")["alerts"] == []
    done = run("backtest", "--csv", history, "--until", "2024-01-05T01:00:00Z")
    assert done.exit_code == 0
    assert "No alerts." in done.stdout


def test_since_counts_only_what_fired_from_there_on(history: Path) -> None:
    found = document("--csv", history, "--since", "2024-02-01", "--until", "2024-02-10")
    assert [alert["newest"] for alert in found["alerts"]] == ["1.2.0"]
    assert {message["at"][:7] for message in found["messages"]} == {"2024-02"}
    assert found["summary"]["from"] == "2024-02-01T00:00:00Z"
    assert found["summary"]["announced"] == 1
    assert found["summary"]["drifts"] == 1


def test_every_key_of_a_policy_is_a_flag(history: Path) -> None:
    flags = ("--scheme", "semver", "--tags", "(?P<version>1.+)", "--ignore", "1.2.0", "--ignore", "1.3.0")
    flags += ("--unlisted", "off", "--rollback", "allow", "--prereleases", "--malformed-grace", "1h")
    flags += ("--repeat-every", "12h", "--keep-firing-for", "0", "--critical-after", "1h")
    flags += ("--unreachable-after", "1h", "--unlisted-grace", "1h", "--threshold", "1h")
    found = document("--csv", history, *flags)
    fired = [(alert["check"], alert["fired_at"]) for alert in found["alerts"]]
    assert fired == [("behind", "2024-01-05T01:00:00Z"), ("malformed", "2024-03-01T01:00:00Z")]
    reasons = [message["reason"] for message in found["messages"]]
    assert reasons[:3] == ["first", "escalated", "resolved"]


def test_text_has_alerts_messages_and_figures(history: Path) -> None:
    done = run("backtest", "--csv", history)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "project: scheme semver, threshold 2h"
    for part in (
        "2024-01-05 02:00",
        "stale",
        "goes on",
        "in step: ",
        "releases announced: 2; their lag: min 3 h",
    ):
        assert part in done.stdout
    assert "superseded before they were announced: 1.2.0" in done.stdout
    assert done.stderr == "tagdrift: versions are compared by semver, which auto came to\n"


def test_messages_are_shown_whole_where_that_is_wanted(history: Path) -> None:
    done = run("backtest", "--csv", history, "-v")
    assert (
        "2024-01-05 02:00:00 UTC  [behind] project: the metadata names 1.0.0; 1.1.0 is out\n" in done.stdout
    )
    assert "1 release missing" in done.stdout


def test_the_trade_off_of_thresholds_is_a_table(history: Path) -> None:
    done = run("backtest", "--csv", history, "--threshold", "1h,24h,3d")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["1h", "2", "1", "7", "0", "1", "of", "1"] in lines
    assert ["3d", "0", "1", "1", "0", "0", "of", "1"] in lines
    assert "after 1 h 00 min" in done.stdout
    assert "never" in done.stdout


def test_markdown_is_harmless_where_it_is_pasted(history: Path) -> None:
    done = run("backtest", "--csv", history, "--format", "md")
    assert done.stdout.startswith("### project: scheme semver, threshold 2h\n\n#### Alerts\n\n| check |")
    assert "<script>" not in done.stdout
    widths = {line.count("|") for line in done.stdout.split("#### Messages")[0].splitlines() if "|" in line}
    assert widths == {11}


def test_a_history_may_come_from_standard_input() -> None:
    done = run("backtest", "--csv", "-", "--name", "widget", "--format", "json", input=HISTORY)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["messages"][0]["title"].startswith("[behind] widget: ")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ((), 2, "say which history: one of --csv FILE, --git URL and --database FILE"),
        (("--csv", "x.csv", "--git", "y"), 2, "say which history"),
        (("--csv", "/nowhere/x.csv"), 1, "/nowhere/x.csv cannot be read: no such file or directory"),
        (("--csv", "{csv}", "--branch", "x"), 2, "--branch is for --git"),
        (("--csv", "{csv}", "--target", "x"), 2, "--target is for --database"),
        (("--database", "x.db", "--published", "y"), 2, "--published is for --csv and --git"),
        (("--git", "."), 2, "say which file of the repository is the metadata"),
        (("--csv", "{csv}", "--threshold", "soon"), 2, 'threshold: found the text "soon"'),
        (("--csv", "{csv}", "--scheme", "foo"), 2, "scheme: there is no scheme 'foo'"),
        (("--csv", "{csv}", "--tags", "("), 2, "tags: '(' is not a regular expression"),
        (("--csv", "{csv}", "--pattern", "("), 1, "'(' is not a regular expression"),
        (("--csv", "{csv}", "--until", "2000-01-01"), 1, "project has nothing until 2000-01-01T00:00:00Z"),
        (("--csv", "{csv}", "--since", "then"), 2, "'then' is not an instant"),
        (("--csv", "{bad}"), 1, "bad.csv, line 3: 'x' is not an instant"),
    ],
    ids=lambda value: None,
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    history: Path, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    bad = history.parent / "bad.csv"
    bad.write_text("time_utc,source,value\n2024-01-01,release,1\nx,release,1\n")
    done = run("backtest", *(each.format(csv=history, bad=bad) for each in arguments))
    assert (done.exit_code, done.stdout) == (status, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


# --- suggest -------------------------------------------------------------------------------------


def weekly(hours_late: list[int]) -> str:
    lines = [
        "time_utc,source,value",
        "2020-01-01T00:00:00Z,release,1.0.0",
        "2020-01-01T00:00:00Z,metadata,1.0.0",
    ]
    for week, hours in enumerate(hours_late, 1):
        day = f"2020-{1 + week // 4:02}-{1 + 7 * (week % 4):02}"
        lines += [f"{day}T00:00:00Z,release,1.{week}.0", f"{day}T{hours:02}:00:00Z,metadata,1.{week}.0"]
    return "\n".join(lines)


def test_a_threshold_is_suggested_with_its_reason() -> None:
    done = run("suggest", "--csv", "-", input=weekly([1] * 38 + [3, 9]))
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        'threshold = "1h"\n'
        "99 % of releases are announced within 9 h 00 min, 95 % within 1h (wanted: 95 %); at 1h you would"
        " have been told 2 times in 305 days\n"
    )
    found = json.loads(run("suggest", "--csv", "-", "--format", "json", input=weekly([1] * 40)).stdout)
    assert (found["threshold"], found["told"], found["announced_in_time"]) == (3600, 0, 40)


def test_where_releases_are_few_nothing_is_suggested_but_what_is_said() -> None:
    done = run("suggest", "--csv", "-", "--threshold", "90m", input=weekly([1] * 4))
    assert done.stdout == (
        'threshold = "1h30m"\n'
        "4 releases were announced in this history, too few to go by; 1h30m is what the policy says\n"
    )


# --- progress ------------------------------------------------------------------------------------


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_shows_after_a_second_and_goes() -> None:
    screen, seconds = Screen(), [0.0]
    bar = Bar("replaying", 4, file=screen, seconds=lambda: seconds[0])
    bar.step()
    assert screen.getvalue() == ""
    seconds[0] = 1.0
    bar.step()
    assert screen.getvalue() == f"\rreplaying [{'#' * 15}{'-' * 15}]  50%"
    bar.step()
    bar.clear()
    assert screen.getvalue().endswith("50%\r\x1b[K")


def test_a_bar_shows_to_persons_alone() -> None:
    file, screen = io.StringIO(), Screen()
    with progress("replaying", 1, file=file) as step:
        step()
    with progress("replaying", 1, file=screen) as step:
        step()
    assert (file.getvalue(), screen.getvalue()) == ("", "")

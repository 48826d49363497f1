"""Dates and pre-release marks: how they are written, and whose they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.dialogues import URL, refusal, said

PUBLISHED = datetime(2024, 10, 16, 15, 40, tzinfo=UTC)

WRITTEN = [
    pytest.param("2024-10-16T15:40:00Z", PUBLISHED, id="RFC 3339"),
    pytest.param("2024-10-16T17:40:00+02:00", PUBLISHED, id="with an offset"),
    pytest.param("2024-10-16 15:40:00", PUBLISHED, id="without one it is UTC"),
    pytest.param("2024-10-16T15:40:00.000000Z", PUBLISHED, id="with a fraction"),
    pytest.param("20241016T154000Z", PUBLISHED, id="without separators"),
    pytest.param(" 2024-10-16T15:40:00Z ", PUBLISHED, id="with spaces around"),
    pytest.param("2024-10-16", datetime(2024, 10, 16, tzinfo=UTC), id="a day is its beginning"),
    pytest.param(1729093200, PUBLISHED, id="seconds"),
    pytest.param(1729093200000, PUBLISHED, id="milliseconds"),
    pytest.param(None, None, id="null"),
    pytest.param("", None, id="empty"),
    pytest.param("0001-01-01T00:00:00Z", None, id="the zero of Go"),
    pytest.param("0001-01-01T00:00:00+14:00", None, id="before there was a calendar"),
    pytest.param("1970-01-01T00:00:00Z", None, id="the zero of Unix"),
    pytest.param(0, None, id="zero seconds"),
]


@pytest.mark.parametrize(("written", "instant"), WRITTEN)
def test_an_instant_may_be_written_as(written: Any, instant: datetime | None) -> None:
    body = json.dumps({"tag": "1", "date": written})
    release = said("json", body, url=URL, path="$.tag", date_path="$.date").releases[0]
    assert release.published_at == instant
    assert instant is None or release.published_at.tzinfo is UTC


NO_DATES = [
    pytest.param(
        "yesterday",
        "$.date is the text 'yesterday', which is not a date; write 2024-10-16T15:40:00Z",
        id="a word",
    ),
    pytest.param("2024-10-16T25:00:00Z", "which is not a date", id="no such hour"),
    pytest.param("2024-10-16T15:40:00Z" + " " * 99, "which is not a date", id="too long"),
    pytest.param("\u0662024-10-16", "which is not a date", id="digits of another alphabet"),
    pytest.param("9999-12-31T23:59:59-14:00", "which is not a date", id="after the calendar"),
    pytest.param("9999-12-31T23:59:59Z", "which is in the year 9999", id="a year that cannot be meant"),
    pytest.param(10**300, "is the number 1000", id="a huge number"),
    pytest.param(10**14, "which is in the year 5138", id="far away"),
    pytest.param(1.5, "is the number 1.5, which is not a date", id="a decimal"),
    pytest.param(True, "is true, which is not a date", id="a truth"),
    pytest.param(["2024"], "is a list, which is not a date", id="a list"),
    pytest.param({"a": {"b": 1}}, "is an object with values of its own, which is not a date", id="an object"),
]


@pytest.mark.parametrize(("written", "sentence"), NO_DATES)
def test_what_is_no_instant_is_refused(written: Any, sentence: str) -> None:
    body = json.dumps({"tag": "1", "date": written})
    assert sentence in refusal("json", body, url=URL, path="$.tag", date_path="$.date")


def dated(document: Any, path: str, date_path: str) -> dict[str, str | None]:
    releases = said("json", json.dumps(document), url=URL, path=path, date_path=date_path).releases
    return {
        release.tag: None if release.published_at is None else f"{release.published_at:%m-%d}"
        for release in releases
    }


def day(number: int) -> str:
    return f"2024-01-{number:02d}T00:00:00Z"


PAIRED = [
    pytest.param({"v": "1", "d": day(1)}, "$.v", "$.d", {"1": "01-01"}, id="one and one"),
    pytest.param(
        {"a": {"v": "1"}, "b": [{"d": day(1)}]}, "$.a.v", "$.b[0].d", {"1": "01-01"}, id="far apart"
    ),
    pytest.param(
        [{"v": "1", "d": day(1)}, {"v": "2", "d": day(2)}],
        "$[*].v",
        "$[*].d",
        {"1": "01-01", "2": "01-02"},
        id="beside each other",
    ),
    pytest.param(
        [{"v": "1"}, {"v": "2", "d": day(2)}, {"v": "3", "d": None}],
        "$[*].v",
        "$[*].d",
        {"1": None, "2": "01-02", "3": None},
        id="one without a date does not take its neighbour's",
    ),
    pytest.param(
        {
            "x": {"tag": {"name": "1"}, "when": {"at": day(1)}},
            "y": {"tag": {"name": "2"}, "when": {"at": day(2)}},
        },
        "$.*.tag.name",
        "$.*.when.at",
        {"1": "01-01", "2": "01-02"},
        id="in branches of their own",
    ),
    pytest.param(
        [{"v": "1", "d": day(9)}, {"v": "1", "d": day(3)}, {"v": "1", "d": None}],
        "$[*].v",
        "$[*].d",
        {"1": "01-03"},
        id="a version that is there several times has its first date",
    ),
]


@pytest.mark.parametrize(("document", "path", "date_path", "expected"), PAIRED)
def test_a_date_belongs_to_the_version_that_it_stands_nearest_to(
    document: Any, path: str, date_path: str, expected: dict[str, str | None]
) -> None:
    assert dated(document, path, date_path) == expected


UNPAIRED = [
    pytest.param({"v": ["1", "2"], "d": day(1)}, "$.v[*]", "at $ it has 1 for 2 versions", id="one for many"),
    pytest.param(
        {"v": ["1"], "d": [day(1), day(2)]}, "$.v[*]", "at $ it has 2 for 1 versions", id="many for one"
    ),
    pytest.param({"v": ["1", "2"], "d": [day(1), day(2)]}, "$.v[*]", "at $ it has 2 for 2", id="two lists"),
    pytest.param(
        {"v": ["1"], "d": []}, "$.v[*]", "`date_path` $['d','d'][*] finds nothing", id="none at all"
    ),
]


@pytest.mark.parametrize(("document", "path", "sentence"), UNPAIRED)
def test_dates_that_could_be_anybodys_are_refused(document: Any, path: str, sentence: str) -> None:
    date_path = "$['d','d'][*]" if isinstance(document["d"], list) else "$.d"
    assert sentence in refusal("json", json.dumps(document), url=URL, path=path, date_path=date_path)


def test_prerelease_marks_are_paired_like_dates() -> None:
    document = [{"v": "1", "p": False}, {"v": "2", "p": True}, {"v": "3", "p": None}, {"v": "4"}]
    reading = said("json", json.dumps(document), url=URL, path="$[*].v", prerelease_path="$[*].p")
    assert [release.prerelease for release in reading.releases] == [False, True, None, None]


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        pytest.param("yes", "$.p is the text 'yes', neither true nor false", id="a word"),
        pytest.param(1, "$.p is the number 1, neither true nor false", id="a number"),
        pytest.param([], "$.p is a list, neither true nor false", id="a list"),
    ],
)
def test_a_mark_is_true_or_false(mark: Any, sentence: str) -> None:
    body = json.dumps({"v": "1", "p": mark})
    assert sentence in refusal("json", body, url=URL, path="$.v", prerelease_path="$.p")

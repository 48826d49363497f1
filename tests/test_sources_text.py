"""The kind `text`: lines, the first line, and what a regular expression finds."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.model import Request
from tests.dialogues import URL, held, refusal, said, tags

FOUND = [
    pytest.param("20241016\n", {}, ["20241016"], id="one line"),
    pytest.param(
        "\r\n v1.2 \r\n\nv1.3\r\nv1.2",
        {},
        ["v1.2", "v1.3"],
        id="all lines, without blanks and repeats",
    ),
    pytest.param("\n1.3\n1.2\n", {"select": "first"}, ["1.3"], id="the first that is not blank"),
    pytest.param(
        '<a href="x-1.2.tgz">x-1.3.tgz',
        {"select": "regex", "regex": r"x-(?P<version>[\d.]+)\.tgz"},
        ["1.2", "1.3"],
        id="the group of each match in a line",
    ),
    pytest.param(
        "a 1.2\nb 1.3",
        {"select": "regex", "regex": r"[\d.]+"},
        ["1.2", "1.3"],
        id="the whole of each match",
    ),
    pytest.param("1\n2", {"select": "regex", "regex": r"^\d$"}, ["1", "2"], id="a line is a text of its own"),
    pytest.param(
        "a\nb1",
        {"select": "regex", "regex": r"[ab](?P<version>\d)?"},
        ["1"],
        id="a group that took part",
    ),
]


@pytest.mark.parametrize(("body", "keys", "expected"), FOUND)
def test_versions_are_found(body: str, keys: dict[str, Any], expected: list[str]) -> None:
    assert tags("text", body, url=URL, **keys) == expected


def test_one_document_is_asked_for() -> None:
    reading, requests = held("text", "1", url=URL, token="ours")
    assert requests == [
        Request(url=URL, accept="text/plain, */*;q=0.5", credential="ours", max_bytes=1024 * 1024)
    ]
    assert reading.is_complete
    assert reading.link == URL


REFUSED = [
    pytest.param("", {}, "is empty; it should have a version", id="empty"),
    pytest.param(" \n\t\n", {}, "is empty", id="blank"),
    pytest.param(
        "x" * 257,
        {"select": "first"},
        "has no version; 1 left out, unprintable or over 256",
        id="too long",
    ),
    pytest.param("1\x002", {}, "has no version; 1 left out, unprintable", id="NUL"),
    pytest.param(
        "nothing",
        {"select": "regex", "regex": r"\d+"},
        "nothing that '\\\\d+' finds; it begins with 'noth",
        id="no match",
    ),
    pytest.param("1\n" * 20_001, {}, "has 20,001 lines; no more than 20,000 are read", id="too many lines"),
    pytest.param("a" * 200, {"select": "regex", "regex": r"(?:a|aa)+b"}, "takes too long on", id="hopeless"),
    pytest.param(b"\xff", {}, "is not UTF-8 text", id="no text"),
]


@pytest.mark.parametrize(("body", "keys", "sentence"), REFUSED)
def test_a_document_without_a_version_is_refused(
    body: str | bytes, keys: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal("text", body, url=URL, **keys)


def test_only_the_beginning_of_a_long_line_is_looked_at_and_that_is_said() -> None:
    body = "1.1" + " " * 300 + "1.2\n" + " " * 300 + "1.3"
    reading = said("text", body, url=URL, select="regex", regex=r"\d+\.\d+")
    assert [release.tag for release in reading.releases] == ["1.1", "1.3"]
    assert reading.left_out == ("of 1 long lines only the first 256 characters were looked at",)


def test_lines_that_can_be_no_version_are_counted() -> None:
    reading = said("text", "1.1\n" + "x" * 300 + "\na\tb\n1.2", url=URL)
    assert [release.tag for release in reading.releases] == ["1.1", "1.2"]
    assert reading.left_out == (f"2 left out, unprintable or over 256 characters: '{'x' * 60}'…, 'a\\tb'",)

"""The kind `toml`: its types, and keys that cost the square of their length."""

from __future__ import annotations

import pytest

from tests.dialogues import URL, refusal, said, tags
from tests.effort import work_of


def test_a_version_is_found() -> None:
    assert tags("toml", "[latest]\nversion = '1.10'", url=URL, path="$.latest.version") == ["1.10"]


def test_dates_of_toml_are_understood() -> None:
    body = '[[release]]\nv = "1"\nat = 2024-10-16T17:40:00+02:00\n[[release]]\nv = "2"\nat = 2024-10-17\n'
    reading = said("toml", body, url=URL, path="$.release[*].v", date_path="$.release[*].at")
    assert [str(release.published_at) for release in reading.releases] == [
        "2024-10-16 15:40:00+00:00",
        "2024-10-17 00:00:00+00:00",
    ]


WRONG = [
    pytest.param("v = 1.10", "$.v is the number 1.1, not the text of a version; quote it", id="a decimal"),
    pytest.param("v = 0x" + "f" * 10, "$.v is the number 1099511627775", id="a hexadecimal number"),
    pytest.param("v = 2024-10-16", "$.v is the date '2024-10-16', not the text", id="a date"),
    pytest.param("v = 07:32:00", "$.v is the date '07:32:00'", id="a time"),
    pytest.param("v = true", "$.v is true", id="a truth"),
    pytest.param("v = inf", "$.v is the number inf", id="infinity"),
    pytest.param("v = [1]", "$.v is a list", id="a list"),
    pytest.param("", "finds nothing; the document is an empty object", id="empty"),
    pytest.param(
        "<html>",
        "is not TOML (Invalid statement (at line 1, column 1)); it begins with '<html>'",
        id="a page",
    ),
    pytest.param("v = 1\nv = 2", "is not TOML (Cannot overwrite a value", id="a name twice"),
    pytest.param("v = '\0'", "is not TOML (", id="NUL"),
    pytest.param("v = 1979-13-01", "is not TOML (", id="no such month"),
    pytest.param("v = " + "9" * 10_000, "is not TOML (Exceeds the limit", id="a huge number"),
    pytest.param(
        "v = 0x" + "f" * 10_000, "has a number of hundreds of digits", id="a huge hexadecimal number"
    ),
    pytest.param("v = " + "[" * 50_000, "is nested too deeply", id="deep"),
    pytest.param("v = '" + "x" * 262_144, "no more than 262,144 are read as TOML", id="too long"),
    pytest.param(
        "v = 1\n" + "a." * 20_000 + "b = 1", "has over 50 dots in line 2", id="a key of 20,000 parts"
    ),
]


@pytest.mark.parametrize(("body", "sentence"), WRONG)
def test_a_document_that_is_not_what_it_should_be_is_refused(body: str, sentence: str) -> None:
    assert sentence in work_of(20, lambda: refusal("toml", body, url=URL, path="$.v"))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a{number}" + ".b" * 50 + " = 1\n", id="keys"),
        pytest.param("[a{number}" + ".b" * 50 + "]\n", id="tables"),
    ],
)
def test_the_longest_keys_that_are_read_take_little_time(line: str) -> None:
    body = "v = '1'\n" + "".join(line.format(number=number) for number in range(2000))
    assert work_of(50, lambda: tags("toml", body, url=URL, path="$.v")) == ["1"]

"""From bytes to tables: what no file may cost, and where a mistake of syntax is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.durations import PATTERN, parse_duration, written
from monitor.config.problems import meant, quoted, shown, written_path
from monitor.config.reading import MOST_BYTES, parse, read_tables
from monitor.errors import ConfigError, ParseError
from tests.effort import work_of


def refused(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_tables(path)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


# --- files ---------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_can_be_begun(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert refused(path) == f"{path}: there is no such file; `tagdrift config init` writes one"


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: it is a directory, not a file"


def test_a_path_that_cannot_be_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "file" / "config.toml"
    (tmp_path / "file").write_text("")
    assert "there is no such file" in refused(path)


def test_a_file_is_read_up_to_256_kib(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"#" * MOST_BYTES)
    assert read_tables(path) == {}
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    assert refused(path) == f"{path}: it is larger than 256 KiB, which is all that is read"


def test_a_file_without_end_costs_no_more_than_its_beginning() -> None:
    assert "larger than 256 KiB" in refused(Path("/dev/zero"))


def test_a_file_in_another_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"[daemon]\n# caf\xe9\n")
    assert refused(path) == f"{path}: line 2 is not UTF-8; save the file in that encoding"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[daemon]\n")
    assert read_tables(path) == {"daemon": {}}


def test_a_mistake_of_syntax_has_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[daemon]\ninterval = "5m\n')
    assert refused(path).startswith(f"{path}: this is not TOML: ")
    assert "line 2, column 15" in refused(path)


def test_two_targets_of_one_name_are_a_mistake_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[targets.a]\n[targets.b]\n[targets.a]\n")
    assert "line 3" in refused(path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" + ".a" * 20_000 + " = 1", id="a key of 20,000 parts"),
        pytest.param('"a"' + ' . "a"' * 20_000 + " = 1", id="in quotes, with spaces"),
        pytest.param("['a'" + ".'a'" * 20_000 + "]", id="in a header"),
        pytest.param("a = " + "[" * 100_000, id="nested arrays"),
        pytest.param("a = " + "{ a = " * 40_000, id="nested tables"),
        pytest.param("a = " + "1" * 10_000, id="an endless number"),
        pytest.param('"' * MOST_BYTES, id="quotes"),
        pytest.param("." * MOST_BYTES, id="dots"),
        pytest.param("a" * MOST_BYTES, id="a long key"),
        pytest.param(("a" + " " * 50) * 5_000, id="spaces"),
        pytest.param("'a\"b" * 60_000, id="quotes of two kinds"),
    ],
)
def test_a_bomb_goes_off_in_no_time(text: str) -> None:
    def read() -> None:
        with pytest.raises(ConfigError):
            parse(text[:MOST_BYTES], "config.toml")

    work_of(10, read)


def test_an_ordinary_key_may_have_many_parts() -> None:
    assert parse(".".join("a" * 8) + " = 1", "config.toml")


def test_a_key_of_too_many_parts_is_named_by_its_line() -> None:
    with pytest.raises(ConfigError, match=r"f: line 3 has a key of more than 32 parts"):
        parse("\n\n" + ".".join("a" * 40) + " = 1", "f")


# --- durations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("2h 30m", timedelta(hours=2, minutes=30)),
        ("7d", timedelta(days=7)),
        ("1w2d", timedelta(days=9)),
        ("0", timedelta(0)),
        (0, timedelta(0)),
        ("0s", timedelta(0)),
        ("3660d", timedelta(days=3660)),
    ],
)
def test_a_duration_is_written_as_people_write_it(value: object, span: timedelta) -> None:
    assert parse_duration(value) == span


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("5", "this is not a duration; write it like 90s", id="no unit"),
        pytest.param(5, "5 is not a duration, for it has no unit", id="a number"),
        pytest.param(-5, "-5 is not a duration, for it is negative", id="a negative number"),
        pytest.param("-5m", "cannot be negative", id="negative"),
        pytest.param("", "this is not a duration", id="empty"),
        pytest.param("  ", "this is not a duration", id="blank"),
        pytest.param("two hours", "this is not a duration", id="words"),
        pytest.param("30m2h", "this is not a duration", id="upside down"),
        pytest.param("1.5h", "this is not a duration", id="a fraction"),
        pytest.param("5M", "this is not a duration", id="a capital"),
        pytest.param("٣h", "this is not a duration", id="digits of another script"),
        pytest.param("9" * 5000 + "d", "this is not a duration", id="a bomb"),
        pytest.param("3661d", "at most 3660d", id="over ten years"),
        pytest.param(1.5, "a duration is a text", id="a float"),
        pytest.param(True, "a duration is a text", id="truth"),
        pytest.param(["5m"], "a duration is a text", id="an array"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_sentence(value: object, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        parse_duration(value)


@given(st.integers(min_value=0, max_value=3660 * 86_400))
def test_a_written_duration_is_read_as_what_it_was(seconds: int) -> None:
    import re

    span = timedelta(seconds=seconds)
    assert parse_duration(written(span)) == span
    assert re.match(PATTERN, written(span))


# --- sentences -----------------------------------------------------------------------------------


def test_a_path_is_written_as_it_would_be_typed() -> None:
    assert written_path(("targets", "a b", "labels", 0, "x")) == 'targets."a b".labels[0].x'


def test_what_was_found_is_short_and_harmless() -> None:
    assert quoted("\x1b[2J\n") == '"\\u001b[2J\\n"'
    assert len(quoted("x" * 10_000)) == 62
    assert shown("a") == 'the text "a"'
    assert shown([1]) == "an array"
    assert shown({}) == "a table"
    assert shown(value=True) == "true"
    assert shown(1.5) == "the number 1.5"
    assert shown(parse("a = 2024-10-16", "f")["a"]) == "a date or time"


def test_the_name_that_was_meant_is_found_among_many() -> None:
    assert meant("threshhold", ["threshold", "tags"]) == "did you mean threshold?"
    assert meant("zzz", []) == "there is none"
    assert meant("zzz", ["b", "a"]) == "there is a, b"
    assert meant("zzz", [f"name{index:02}" for index in range(20)]).endswith("name11 and 8 more")

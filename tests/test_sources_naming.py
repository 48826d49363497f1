"""From tag to version: patterns, what is left out, and patterns that a tag could stall."""

from __future__ import annotations

import pytest

from monitor import sources
from monitor.errors import ParseError
from monitor.model import Reading, Release
from tests.dialogues import source
from tests.effort import work_of


def reading(*tags: str) -> Reading:
    return Reading(
        releases=tuple(Release(tag=tag) for tag in tags), newest=10, left_out=("before",), link="https://x"
    )


def versions(pattern: str | None, *tags: str) -> list[str]:
    return [release.version for release in sources.comb(reading(*tags), pattern).releases]


NAMED = [
    pytest.param(None, "v1.2", ["1.2"], id="one leading v is stripped"),
    pytest.param(None, "vv1", ["vv1"], id="and only before a digit"),
    pytest.param(None, "vanilla", ["vanilla"], id="not the beginning of a word"),
    pytest.param(None, "v", ["v"], id="not all there is"),
    pytest.param(None, "1.2", ["1.2"], id="no v"),
    pytest.param(None, "V1", ["V1"], id="no capital"),
    pytest.param(None, "v" * 257, [], id="too long"),
    pytest.param(r"release-(?P<version>\d+)", "release-12", ["12"], id="the group is the version"),
    pytest.param(r"\d+", "12", ["12"], id="without the group it is all"),
    pytest.param(r"(\d+)-x", "12-x", ["12-x"], id="another group is none"),
    pytest.param(r"\d+", "12-x", [], id="the whole tag must match"),
    pytest.param(r"\d+", "v12", [], id="a v is the pattern's own affair"),
    pytest.param(r"x(?P<version>\d+)?", "x", [], id="a group that did not take part"),
    pytest.param(r"x(?P<version>\d*)", "x", [], id="an empty version"),
    pytest.param(r".*", "a" * 256, ["a" * 256], id="256 characters are seen"),
    pytest.param(r".*", "a" * 257, [], id="257 are not"),
]


@pytest.mark.parametrize(("pattern", "tag", "expected"), NAMED)
def test_a_tag_becomes_a_version(pattern: str | None, tag: str, expected: list[str]) -> None:
    assert versions(pattern, tag) == expected


LEFT_OUT = [
    pytest.param(None, ["1", "2"], [], id="nothing"),
    pytest.param(
        r"\d",
        ["1", "x", "y"],
        ["2 of 3 do not match '\\\\d' and are left out: 'x', 'y'"],
        id="two",
    ),
    pytest.param(
        r"\d",
        [f"x{n}" for n in range(9)],
        ["9 of 9 do not match '\\\\d' and are left out: 'x0', 'x1', 'x2' and 6 more"],
        id="many",
    ),
    pytest.param(
        None,
        ["1", "x" * 300],
        [f"1 of 2 are longer than 256 characters and are left out: '{'x' * 60}'…"],
        id="long",
    ),
]


@pytest.mark.parametrize(("pattern", "tags", "sentences"), LEFT_OUT)
def test_what_is_left_out_is_said_in_one_sentence(
    pattern: str | None, tags: list[str], sentences: list[str]
) -> None:
    assert sources.comb(reading(*tags), pattern).left_out == ("before", *sentences)


def test_a_hundred_thousand_tags_are_left_out_in_one_sentence_and_little_time() -> None:
    nightly = reading(*(f"nightly-{number}" for number in range(100_000)))
    combed = work_of(50, lambda: sources.comb(nightly, r"v(?P<version>[\d.]+)"))
    assert combed.releases == ()
    assert len(combed.left_out) == 2
    assert len(combed.left_out[1]) < 200


def test_all_else_of_a_reading_stays() -> None:
    combed = sources.comb(reading("v1"), None)
    assert (combed.newest, combed.link, combed.releases[0].tag) == (10, "https://x", "v1")


HOPELESS = r"(?:a|aa)+b"

PROBLEMS = [
    pytest.param(r"v?(?P<version>\d+(?:\.\d+)*)", None, id="the usual"),
    pytest.param(
        r"release[-_](?P<version>\d{4}[._]\d\d(?:[._]\d+)?)(?:-final)?",
        None,
        id="an elaborate one",
    ),
    pytest.param(r"(\d+\.?)+", None, id="one that is only slow in other engines"),
    pytest.param(r"(", "'(' is not a regular expression: missing )", id="an open bracket"),
    pytest.param(r"(?P<version>a)(?P<other", "is not a regular expression", id="an open name"),
    pytest.param(r"\p{Nonsense}", "is not a regular expression", id="an unknown class"),
    pytest.param("(" * 10_000 + ")" * 10_000, "is not a regular expression", id="too deep"),
    pytest.param(HOPELESS, "takes too long on 'aaa", id="every way to split a run of letters"),
    pytest.param(r"(?:\d|\d\d)+rc", "takes too long on '000", id="every way to split a run of digits"),
    pytest.param(r"(?:[a-z0-9]|[.\w]{2})+[!]{2}", "takes too long on", id="every way to split a word"),
]


@pytest.mark.parametrize(("pattern", "sentence"), PROBLEMS)
def test_a_pattern_is_checked_before_it_is_used(pattern: str, sentence: str | None) -> None:
    problem = sources.problem_with(pattern)
    if sentence is None:
        assert problem is None
    else:
        assert sentence in (problem or "")
        assert (problem or "").isprintable()


def test_a_tag_cannot_make_a_pattern_run_for_ever() -> None:
    with pytest.raises(
        ParseError, match=r"takes too long on 'aaa.* write it without a repeat inside a repeat"
    ):
        versions(HOPELESS, "a" * 200)


def test_many_tags_each_a_little_slow_cannot_add_up() -> None:
    """Each of these takes some milliseconds: under the patient limit, and over the first."""
    with pytest.raises(ParseError, match="takes too long"):
        versions(HOPELESS, *("a" * 26 + str(number) for number in range(100_000)))


def test_a_source_has_its_own_pattern_where_its_kind_has_that_key() -> None:
    assert sources.pattern_of(source("json", url="https://x", path="$", pattern="a")) == "a"
    assert sources.pattern_of(source("text", url="https://x")) is None
    assert sources.pattern_of(source("git", url="https://x")) is None

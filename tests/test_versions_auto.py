"""The rule `auto`: the first of semver, PEP 440 and numeric that fits what is named and 90 % of the tags."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.versions import decide

TEN = [f"1.{minor}.0" for minor in range(10)]

DECISIONS = [
    pytest.param(["1.2.3"], ["1.2.3", "1.2.2"], "semver", id="three numbers"),
    pytest.param(["1.2"], ["1.2", "1.1.1"], "pep440", id="two numbers"),
    pytest.param(["20241016"], ["20241016", "20241008"], "pep440", id="dates are numbers to PEP 440"),
    pytest.param(["1.2.3"], ["1.2.3", "1.2rc1"], "pep440", id="Python's pre-releases"),
    pytest.param(["1.2.3"], [*TEN[:9], "nightly"], "semver", id="one stranger in ten"),
    pytest.param(["1.2.3"], [*TEN[:9], "1.2"], "semver", id="90 % are enough for the first"),
    pytest.param(["1.2"], TEN, "pep440", id="what is named counts as much"),
    pytest.param([], ["1.2.3"], "semver", id="nothing named yet"),
    pytest.param(["1.2.3"], [], "semver", id="no tags yet"),
    pytest.param([*TEN[:9], "x"], ["1.2.3"], "semver", id="many named, one stranger in ten"),
    pytest.param(["1.2.3"] * 10, ["1"] * 10, "pep440", id="both sides must fit"),
]


@pytest.mark.parametrize(("named", "tags", "scheme"), DECISIONS)
def test_auto_decides_for(named: list[str], tags: list[str], scheme: str) -> None:
    assert decide(named, tags) == scheme


REFUSALS = [
    pytest.param(
        ["1.0"], ["x", "y", "z", "w"], "of 4 tags, 4 are .*'x', 'y', 'z'", id="names three of the tags"
    ),
    pytest.param(
        ["1.0"], [*TEN[:8], "p", "q"], r"of 10 tags, 2 are .*\('p', 'q'\)", id="two strangers in ten"
    ),
    pytest.param(["abc"], TEN, "of 1 versions that the metadata names, 1 are .*'abc'", id="a hash is named"),
    pytest.param([*TEN[:8], "p", "q"], TEN, "of 10 versions that the metadata names, 2 are", id="many named"),
    pytest.param(["1.0"], ["\n" * 300], r"\\n", id="shown on one line"),
    pytest.param([], [], "neither side has a version", id="nothing to go by"),
]


@pytest.mark.parametrize(("named", "tags", "sentence"), REFUSALS)
def test_auto_refuses_where_nothing_fits(named: list[str], tags: list[str], sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence) as refusal:
        decide(named, tags)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500


def test_dotted_numbers_are_pep_440_before_they_are_numeric() -> None:
    """PEP 440 takes every dotted number, and in the same order; numeric is chosen by its name."""
    assert decide(["249"], ["249", "2020.10", "1.2.3.4.5.6"]) == "pep440"

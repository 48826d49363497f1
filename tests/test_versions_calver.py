"""calver.org's notation: which texts a pattern takes, their order, and which patterns are refused."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from monitor import versions
from monitor.errors import ParseError

RISING = [
    pytest.param(
        "YYYY.0M.MICRO", "2023.12.9 2024.01 2024.01.1 2024.01.10 2024.02.0", id="year, month, micro"
    ),
    pytest.param("YY.MINOR.MICRO", "9.99 23.3 24.0 24.3 24.3.1 100.0", id="short year, as pip"),
    pytest.param("0Y.0M", "06.04 09.10 16.04 106.04", id="zero-padded year, as Ubuntu"),
    pytest.param("YYYY.0W", "2024.02 2024.10 2025.01", id="weeks"),
    pytest.param("YYYY.WW.DD", "2024.2.1 2024.10.1 2024.10.7", id="weeks and days"),
    pytest.param("YYYY0M0D", "20241008 20241016", id="without separators"),
    pytest.param("MAJOR.YYYY.MINOR", "1.2025.9 2.2024.1 2.2024.2", id="a number before the year goes first"),
    pytest.param("0D.0M.YYYY", "31.12.2023 01.01.2024 02.01.2024 01.02.2024", id="a date written backwards"),
    pytest.param(
        "YYYY.0M.0D-MODIFIER", "2024.10.16-dev 2024.10.16-alpha 2024.10.16-b1 2024.10.16-rc.2", id="early"
    ),
    pytest.param(
        "YYYY.0M.0D-MODIFIER", "2024.10.16-rc2 2024.10.16-rc10 2024.10.16 2024.10.16-post1", id="late"
    ),
    pytest.param(
        "YYYY.0M.MICROMODIFIER", "2024.10.1rc1 2024.10.1 2024.10.1lts 2024.10.2b1", id="no separator"
    ),
    pytest.param("release-YYYY_0M_0D", "release-2024_10_08 release-2024_10_16", id="with words"),
]


@pytest.mark.parametrize(("pattern", "texts"), RISING)
def test_versions_of_a_pattern_rise(pattern: str, texts: str) -> None:
    scheme = versions.scheme_named(f"calver:{pattern}")
    for older, newer in pairwise(texts.split()):
        assert scheme.key(older) < scheme.key(newer), (older, newer)
        assert not scheme.key(newer) < scheme.key(older), (older, newer)


SAME = [
    pytest.param("YYYY.0M.0D", "2024.08.30", "2024.8.30", id="a package index drops zeros"),
    pytest.param("YYYY.MM.DD", "2024.08.30", "2024.8.30", id="a repository adds them"),
    pytest.param("YY.MINOR.MICRO", "24.3", "24.3.0", id="a micro left away is 0"),
    pytest.param("YYYY.0M-MODIFIER", "2024.10-RC1", "2024.10-rc.1", id="spellings of a modifier"),
    pytest.param("YYYY.0M-MODIFIER", "2024.10-alpha1", "2024.10-a1", id="short for alpha"),
]


@pytest.mark.parametrize(("pattern", "one", "other"), SAME)
def test_two_texts_of_a_pattern_are_one_version(pattern: str, one: str, other: str) -> None:
    scheme = versions.scheme_named(f"calver:{pattern}")
    assert scheme.key(one) is not None
    assert scheme.key(one) == scheme.key(other)
    assert hash(scheme.key(one)) == hash(scheme.key(other))


STRANGERS = [
    pytest.param("YYYY.0M.MICRO", "24.10.1", id="a short year"),
    pytest.param("YYYY.0M.MICRO", "2024.100.1", id="three digits of month"),
    pytest.param("YYYY.0M.MICRO", "2024.10.1.1", id="a number too many"),
    pytest.param("YYYY.0M.MICRO", "2024-10-1", id="other separators"),
    pytest.param("YYYY.0M.MICRO", "2024.10.", id="a separator with nothing behind"),
    pytest.param("YYYY0M0D", "2024108", id="undelimited parts have two digits"),
    pytest.param("YYYY.0M-MODIFIER", "2024.10-1", id="a modifier begins with a letter"),
    pytest.param("YYYY.0M.0D", "2024.10.16-rc1", id="a modifier that the pattern lacks"),
]


@pytest.mark.parametrize(("pattern", "text"), STRANGERS)
def test_what_does_not_fit_the_pattern_is_no_version(pattern: str, text: str) -> None:
    scheme = versions.scheme_named(f"calver:{pattern}")
    assert scheme.key(text) is None
    assert scheme.dated(text) is None
    assert scheme.prerelease(text) is None


DATES = [
    pytest.param("YYYY.0M.0D", "2024.10.16", date(2024, 10, 16), id="a full date"),
    pytest.param("YY.MM.DD", "24.2.29", date(2024, 2, 29), id="a short year"),
    pytest.param("0D.0M.0Y", "16.10.06", date(2006, 10, 16), id="written backwards"),
    pytest.param("YYYY.0M.0D", "2024.13.16", None, id="no such month"),
    pytest.param("YYYY.0M.MICRO", "2024.10.16", None, id="no day in the pattern"),
    pytest.param("YYYY.DD.MICRO", "2024.10.16", None, id="no month in the pattern"),
    pytest.param("YYYY.0W", "2024.10", None, id="a week is no day"),
]


@pytest.mark.parametrize(("pattern", "text", "day"), DATES)
def test_a_full_date_is_known_where_the_pattern_has_one(pattern: str, text: str, day: date | None) -> None:
    scheme = versions.scheme_named(f"calver:{pattern}")
    assert scheme.key(text) is not None
    assert scheme.dated(text) == day


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        pytest.param("2024.10-rc1", True, id="release candidate"),
        pytest.param("2024.10-nightly", True, id="nightly"),
        pytest.param("2024.10-preview2", True, id="preview"),
        pytest.param("2024.10-lts", False, id="long-term support"),
        pytest.param("2024.10", False, id="no modifier"),
    ],
)
def test_a_modifier_says_whether_it_is_a_prerelease(text: str, mark: bool) -> None:
    assert versions.scheme_named("calver:YYYY.0M-MODIFIER").prerelease(text) is mark


REFUSALS = [
    pytest.param("", "has no year", id="empty"),
    pytest.param("MAJOR.MINOR", "has no year; a calendar version has YYYY, YY or 0Y", id="no year"),
    pytest.param("YYYY.YY", "has its year twice", id="two years"),
    pytest.param("YYYY.MM.0M", "has its month twice", id="two months"),
    pytest.param(
        "YYYY.HH", "is not in calver.org's notation at 'HH'; it is made of YYYY YY 0Y", id="unknown part"
    ),
    pytest.param("YYYY0M0DMICRO", "needs a separator at MICRO, which has no fixed width", id="no separator"),
    pytest.param("MAJORYYYY", "needs a separator at MAJOR", id="no separator before"),
    pytest.param("YYYY-MODIFIER.MM", "goes on after MODIFIER", id="modifier not last"),
    pytest.param("YYYY (MM)", r"notation at ' \(MM\)'", id="brackets"),
    pytest.param("YYYY" + "." * 200, "is not in calver.org's notation", id="too long"),
    pytest.param("YYYY\n", r"at '\\n'", id="shown on one line"),
]


@pytest.mark.parametrize(("pattern", "sentence"), REFUSALS)
def test_a_wrong_pattern_is_refused_with_a_sentence(pattern: str, sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence) as refusal:
        versions.scheme_named(f"calver:{pattern}")
    assert "\n" not in str(refusal.value)


def test_the_name_of_a_scheme_keeps_its_pattern() -> None:
    name = "calver:YYYY.0M.MICRO"
    assert versions.scheme_named(name).name == name
    assert not versions.scheme_named(name).by_publication


def test_calver_alone_is_the_date_without_separators() -> None:
    alone, written = versions.scheme_named("calver"), versions.scheme_named("calver:YYYYMMDD")
    for text in ("20241016", "99999999", "2024.10.16", "2024"):
        assert alone.key(text) == written.key(text)

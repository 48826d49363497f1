"""What each scheme takes for a version, which are equal, and which is newer."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from monitor import versions
from monitor.errors import ParseError

HASH = "d09ff921d92d6da8d8a608eaa850dc8c0f638194"

RISING = [
    pytest.param("calver", "20240224 20241008 20241016 20250323 99999999", id="calver"),
    pytest.param(
        "semver", "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta.2", id="semver pre-releases"
    ),
    pytest.param(
        "semver", "1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 10.0.0", id="semver numbers"
    ),
    pytest.param("semver", "1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-1a 1.0.0-a", id="semver numbers before words"),
    pytest.param(
        "pep440", "1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0+ubuntu1 1.0.post1 1.1 1.10 1!0.1", id="pep440"
    ),
    pytest.param("pep440", "20241008 20241016", id="pep440 takes dates for numbers"),
    pytest.param("numeric", "0 9 249 2020.9 2020.10 2020.10.1 2021", id="numeric"),
    pytest.param("numeric", "1 1.0.1 1.1 1.1.0.1 2", id="numeric of any length"),
]


@pytest.mark.parametrize(("name", "texts"), RISING)
def test_versions_rise(name: str, texts: str) -> None:
    scheme = versions.scheme_named(name)
    for older, newer in pairwise(texts.split()):
        assert scheme.key(older) < scheme.key(newer), (older, newer)
        assert not scheme.key(newer) < scheme.key(older), (older, newer)
        assert scheme.key(older) != scheme.key(newer), (older, newer)


SAME = [
    pytest.param("semver", "1.2.3", "1.2.3+build.5", id="semver ignores build metadata"),
    pytest.param("semver", "1.2.3-rc.1+a", "1.2.3-rc.1+b", id="semver ignores it behind a pre-release"),
    pytest.param("pep440", "1.0", "1.0.0", id="pep440 zeros at the end"),
    pytest.param("pep440", "v1.0-RC1", "1.0rc1", id="pep440 spellings"),
    pytest.param("numeric", "1", "1.0.0", id="numeric zeros at the end"),
    pytest.param("numeric", "007.1", "7.1", id="numeric leading zeros"),
    pytest.param("numeric", "0.0", "0", id="numeric zero itself"),
    pytest.param("published", "Zesty Zapus", "Zesty Zapus", id="published by text"),
    pytest.param("calver", "20241016", "20241016", id="calver"),
]


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_two_texts_are_one_version(name: str, one: str, other: str) -> None:
    scheme = versions.scheme_named(name)
    assert scheme.key(one) is not None
    assert scheme.key(one) == scheme.key(other)
    assert hash(scheme.key(one)) == hash(scheme.key(other))


DIFFERENT = [
    pytest.param("pep440", "1.0", "1.0+ubuntu1", id="pep440 local part counts"),
    pytest.param("published", "1.0", "1.0.0", id="published by text alone"),
    pytest.param("numeric", "1.10", "1.1", id="numeric ten is not one"),
]


@pytest.mark.parametrize(("name", "one", "other"), DIFFERENT)
def test_two_texts_are_two_versions(name: str, one: str, other: str) -> None:
    scheme = versions.scheme_named(name)
    assert scheme.key(one) != scheme.key(other)


NO_VERSIONS = [
    pytest.param("calver", HASH, id="calver: a commit hash"),
    pytest.param("calver", "2024101", id="calver: seven digits"),
    pytest.param("calver", "202410161", id="calver: nine digits"),
    pytest.param("calver", "2024-10-16", id="calver: with dashes"),
    pytest.param("calver", "20241016\n", id="calver: a line end"),
    pytest.param(
        "calver", "\uff12\uff10\uff12\uff14\uff11\uff10\uff11\uff16", id="calver: digits of another alphabet"
    ),
    pytest.param("calver", "", id="calver: nothing"),
    pytest.param("semver", "1.2", id="semver: two numbers"),
    pytest.param("semver", "1.2.3.4", id="semver: four numbers"),
    pytest.param("semver", "01.2.3", id="semver: a leading zero"),
    pytest.param("semver", "v1.2.3", id="semver: a letter before"),
    pytest.param("semver", "1.2.\u0663", id="semver: digits of another alphabet"),
    pytest.param("semver", "1.2.3-", id="semver: an empty pre-release"),
    pytest.param("pep440", HASH, id="pep440: a commit hash"),
    pytest.param("pep440", "latest", id="pep440: a word"),
    pytest.param("pep440", "1.0+ubuntu+1", id="pep440: two local parts"),
    pytest.param("pep440", "\u0661.\u0660", id="pep440: digits of another alphabet"),
    pytest.param("numeric", "1.0rc1", id="numeric: letters"),
    pytest.param("numeric", ".1", id="numeric: a dot first"),
    pytest.param("numeric", "1..2", id="numeric: two dots"),
    pytest.param("numeric", "-1", id="numeric: below zero"),
    pytest.param("numeric", "1_0", id="numeric: what int() takes"),
    pytest.param("numeric", " 1", id="numeric: a space"),
    pytest.param("published", "", id="published: nothing"),
]


@pytest.mark.parametrize(("name", "text"), NO_VERSIONS)
def test_what_is_no_version_has_no_key(name: str, text: str) -> None:
    scheme = versions.scheme_named(name)
    assert scheme.key(text) is None
    assert scheme.dated(text) is None
    assert scheme.prerelease(text) is None


@pytest.mark.parametrize("name", versions.names())
def test_a_text_of_256_characters_may_be_a_version_and_a_longer_one_is_none(name: str) -> None:
    scheme = versions.scheme_named(name)
    longest = {"calver": None, "semver": "1.0.0-" + "a" * 250}.get(name, "1" * 256)
    if longest is not None:
        assert len(longest) == versions.LONGEST
        assert scheme.key(longest) is not None
        assert scheme.key(longest + "1") is None
    assert scheme.key("1" * 100_000) is None


DATES = [
    pytest.param("calver", "20241016", date(2024, 10, 16), id="calver"),
    pytest.param("calver", "20240229", date(2024, 2, 29), id="calver on a leap day"),
    pytest.param("calver", "20250229", None, id="calver on no leap day"),
    pytest.param("calver", "99999999", None, id="calver beyond the calendar"),
    pytest.param("calver", "00000101", None, id="calver in the year 0"),
    pytest.param("numeric", "20241016", None, id="other schemes have no dates"),
    pytest.param("pep440", "2024.10.16", None, id="pep440 has no dates"),
    pytest.param("semver", "2024.10.16", None, id="semver has no dates"),
    pytest.param("published", "2024-10-16", None, id="published has no dates"),
]


@pytest.mark.parametrize(("name", "text", "day"), DATES)
def test_only_calver_knows_the_day_in_a_version(name: str, text: str, day: date | None) -> None:
    assert versions.scheme_named(name).dated(text) == day


MARKS = [
    pytest.param("semver", "3.0.0-rc.1", True, id="semver pre-release"),
    pytest.param("semver", "3.0.0+rc.1", False, id="semver build metadata is no mark"),
    pytest.param("pep440", "3.0rc1", True, id="pep440 pre-release"),
    pytest.param("pep440", "3.0.dev1", True, id="pep440 development release"),
    pytest.param("pep440", "3.0.post1", False, id="pep440 post-release"),
    pytest.param("calver", "20241016", False, id="calver"),
    pytest.param("numeric", "3.0", None, id="numeric cannot say"),
    pytest.param("published", "3.0rc1", None, id="published cannot say"),
]


@pytest.mark.parametrize(("name", "text", "mark"), MARKS)
def test_a_version_may_say_itself_that_it_is_a_prerelease(name: str, text: str, mark: bool | None) -> None:
    assert versions.scheme_named(name).prerelease(text) is mark


def test_the_schemes_are_found_by_the_names_of_their_files() -> None:
    assert versions.names() == ("calver", "numeric", "pep440", "published", "semver")
    for name in versions.names():
        scheme = versions.scheme_named(name)
        assert scheme.name == name
        assert scheme.by_publication is (name == "published")


REFUSALS = [
    pytest.param("calendar", "no scheme 'calendar'; the schemes are auto, calver, numeric", id="unknown"),
    pytest.param("scheme", "no scheme 'scheme'", id="a file that is no scheme"),
    pytest.param("", "no scheme ''", id="empty"),
    pytest.param("auto", "is decided by the versions", id="auto is not one yet"),
    pytest.param(
        "semver:X", "takes no pattern; write 'semver' alone, not 'semver:X'", id="a pattern too many"
    ),
    pytest.param("numeric:", "takes no pattern", id="an empty pattern too many"),
    pytest.param("x\n" + "y" * 100, r"no scheme 'x\\n", id="shown on one line"),
]


@pytest.mark.parametrize(("name", "sentence"), REFUSALS)
def test_an_unknown_scheme_is_refused_with_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence):
        versions.scheme_named(name)

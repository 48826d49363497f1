"""Where versions stand, and which of them count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from monitor.checks.board import eligibility, is_ignored
from monitor.checks.order import is_misdated, key_of, place_of
from monitor.model import Policy, SeenRelease
from monitor.versions import scheme_named
from tests.looks import LONG_AGO, START


def seen(version: str, published_at: datetime | None = LONG_AGO, **facts: object) -> SeenRelease:
    facts = {"prerelease": None, **facts}
    return SeenRelease(tag=version, version=version, first_seen_at=START, published_at=published_at, **facts)


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=14, tzinfo=UTC)


RISING = [
    pytest.param("semver", [("1.9.0", None), ("1.10.0", None)], id="numbers, not text"),
    pytest.param("published", [("z", on("2024-01-01")), ("a", on("2024-01-02"))], id="publication alone"),
    pytest.param(
        "calver",
        [("20260320", on("2026-03-20")), ("20250323", on("2026-03-23")), ("20260324", on("2026-03-24"))],
        id="a wrong year is ordered by its publication",
    ),
    pytest.param(
        "calver",
        [("20250323", on("2026-03-23")), ("20260323", on("2026-03-23"))],
        id="by text on the day of its publication",
    ),
    pytest.param(
        "calver",
        [("20250322", on("2026-03-23")), ("20250323", on("2026-03-23"))],
        id="two of one day by text",
    ),
    pytest.param(
        "calver", [("20250323", on("2026-03-23")), ("99999999", None)], id="what has no day, by its number"
    ),
    pytest.param(
        "calver",
        [("20270103", on("2026-01-03")), ("20260110", on("2026-01-10")), ("20260230", None)],
        id="a wrong year among those that have no day",
    ),
    pytest.param(
        "calver:YYYY.0M.0D",
        [("2026.02.30", None), ("2027.01.03", on("2026-01-03"))],
        id="by its key where nothing else is known",
    ),
    pytest.param(
        "calver",
        [("20250323", None), ("20260320", on("2026-03-20"))],
        id="without a publication, by its own date",
    ),
    pytest.param(
        "calver",
        [("20240101", on("2024-01-31")), ("20240102", on("2024-01-02"))],
        id="thirty days are no mistake",
    ),
]


@pytest.mark.parametrize(("scheme", "versions"), RISING)
def test_versions_stand_in_this_order(scheme: str, versions: list[tuple[str, datetime | None]]) -> None:
    places = [place_of(scheme_named(scheme), text, seen(text, at)) for text, at in versions]
    for lower, higher in pairwise(places):
        assert lower < higher
        assert higher > lower
        assert not lower > higher


def test_a_day_more_than_thirty_is_a_mistake() -> None:
    scheme = scheme_named("calver")
    assert not is_misdated(scheme, seen("20240101", on("2024-01-31")))
    assert is_misdated(scheme, seen("20240101", on("2024-02-01")))
    assert not is_misdated(scheme, seen("20240101", None))
    assert not is_misdated(scheme, seen("99999999", on("2024-02-01")))


@pytest.mark.parametrize("scheme", ["semver", "calver"])
def test_what_does_not_parse_has_no_place(scheme: str) -> None:
    assert place_of(scheme_named(scheme), "d09ff92", None) is None


def test_what_was_never_published_has_no_place_by_publication() -> None:
    assert place_of(scheme_named("published"), "jammy", None) is None
    assert place_of(scheme_named("published"), "jammy", seen("jammy", None)) is None


def test_keys_are_equal_as_the_scheme_says() -> None:
    assert key_of("pep440", "1.0") == key_of("pep440", "1.0.0")
    assert hash(key_of("pep440", "1.0")) == hash(key_of("pep440", "1.0.0"))
    assert key_of("pep440", "1.0") != key_of("pep440", "1.1")
    assert key_of("pep440", "1.0") != "1.0"


COUNTS = [
    pytest.param(seen("1.0.0"), Policy(), True, id="a release"),
    pytest.param(seen("1.0.0", draft=True), Policy(), None, id="a draft is not listed"),
    pytest.param(seen("1.0.0", absent=2), Policy(), None, id="withdrawn is not listed"),
    pytest.param(seen("1.0.0", absent=1), Policy(), True, id="absent once is listed"),
    pytest.param(seen("d09ff92"), Policy(), False, id="no version"),
    pytest.param(seen("1.0.0", prerelease=True), Policy(), False, id="a pre-release"),
    pytest.param(seen("1.0.0", prerelease=True), Policy(prereleases=True), True, id="where those count"),
    pytest.param(seen("1.0.0-rc.1"), Policy(), False, id="a pre-release by its own word"),
    pytest.param(seen("1.0.0-rc.1", prerelease=False), Policy(), True, id="but not by its source's"),
    pytest.param(seen("1.0.0"), Policy(ignore=("1.0.0+build",)), False, id="an equal version is ignored"),
    pytest.param(seen("1.0.0"), Policy(ignore=("nothing", "1.0.1")), True, id="another one is"),
]


@pytest.mark.parametrize(("release", "policy", "counts"), COUNTS)
def test_a_release_counts(release: SeenRelease, policy: Policy, counts: bool | None) -> None:
    assert eligibility(release, policy, scheme_named("semver")) is counts


def test_a_tag_is_ignored_by_its_text_even_where_it_does_not_parse() -> None:
    scheme = scheme_named("semver")
    assert is_ignored("nightly", "nightly", Policy(ignore=("nightly",)), scheme)
    assert not is_ignored("nightly", "nightly", Policy(ignore=("weekly",)), scheme)
    assert not is_ignored("nightly", "nightly", Policy(), scheme)


def test_thirty_days_are_the_same_either_way() -> None:
    scheme = scheme_named("calver")
    assert is_misdated(scheme, seen("20240301", on("2024-03-01") - timedelta(days=31)))

"""Which scheme is in force, and what a change of it does."""

from __future__ import annotations

from datetime import timedelta

from monitor.model import AlertState, CheckName, EventKind, Policy, Side
from monitor.status import judge
from tests.looks import START, Watched, after, release


def kinds(watched: Watched) -> list[EventKind]:
    return [event.kind for event in watched.events]


def test_the_scheme_is_decided_once_both_sides_are_known() -> None:
    watched = Watched()
    watched.named(START, "1.0")
    assert watched.state.scheme is None
    assert judge(watched.state, watched.rules).named == "1.0"
    watched.listed(START, release("v1.0"), release("v1.1rc1"))
    assert watched.state.scheme == "pep440"
    assert judge(watched.state, watched.rules).newest == "1.0"
    watched.named(after(minutes=5), "1.1.0")
    watched.listed(after(minutes=5), release("v1.0"), release("v1.1rc1"), release("v1.1.0"))
    assert watched.state.scheme == "pep440"
    assert kinds(watched) == []


def test_several_names_are_shown_only_once_they_can_be_ordered() -> None:
    watched = Watched()
    assert judge(watched.state, watched.rules).named is None
    watched.named(START, "1.0", "1.1")
    assert judge(watched.state, watched.rules).named is None
    assert judge(watched.state, watched.rules).newest is None
    assert judge(watched.state, watched.rules).missing == ()
    watched.listed(START, release("1.0"), release("1.1"), release("1.2"))
    assert judge(watched.state, watched.rules).named == "1.1"
    assert judge(watched.state, watched.rules).missing == ("1.2",)


def test_a_typo_changes_no_scheme_and_is_malformed() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.0.0"), release("1.1.0"))
    watched.named(after(minutes=5), "1.1")
    assert watched.state.scheme == "semver"
    assert watched.state.metadata.malformed == "'1.1' is not a version under semver"
    watched.named(after(minutes=10), "d09ff92")
    assert watched.state.metadata.malformed_at == after(minutes=5)


def test_a_release_of_another_form_that_is_named_changes_it() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.0.0"), release("1.1.0"))
    watched.listed(after(hours=1), release("1.0.0"), release("1.1.0"), release("2024.1", after(hours=1)))
    assert watched.state.scheme == "pep440"
    assert kinds(watched) == [EventKind.SCHEME_CHANGED]
    # The list alone has told it: more than a tenth of it did not parse. It is missing from the next look on.
    watched.named(after(hours=1, minutes=5), "1.1.0")
    alert = watched.alert()
    assert alert is not None
    assert (alert.since, alert.known_at) == (after(hours=1), after(hours=1, minutes=5))


def test_a_scheme_of_the_policy_is_kept_whatever_is_named() -> None:
    watched = Watched(policy=Policy(scheme="semver"))
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"), release("nightly"))
    watched.named(after(minutes=5), "nightly")
    assert watched.state.scheme == "semver"
    assert watched.state.metadata.malformed == "'nightly' is not a version under semver"


def test_tags_that_no_longer_fit_any_scheme_leave_the_one_that_was_decided() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    nights = [release(f"night-of-the-{word}") for word in ("wolf", "bear", "fox", "owl")]
    watched.listed(after(minutes=5), release("1.1.0"), *nights)
    assert watched.state.scheme == "semver"
    (left_out,) = watched.state.left_out
    assert left_out.startswith("4 are no versions under semver and are left out: 'night-of-the-wolf', ")
    assert left_out.endswith(", …")
    watched.listed(after(minutes=10), release("1.1.0"))
    watched.listed(after(minutes=15), release("1.1.0"))
    assert watched.state.left_out == ()


def test_a_change_of_the_scheme_fires_nothing_and_ends_nothing() -> None:
    watched = Watched(policy=Policy(threshold=timedelta(0)))
    many = tuple(release(f"1.0.{patch}") for patch in range(30))
    watched.named(START, "1.0.29")
    watched.listed(START, *many)
    watched.listed(after(minutes=10), *many, release("1.0.30", after(minutes=10)), release("v2024.1", START))
    assert watched.state.left_out == ("1 are no versions under semver and are left out: '2024.1'",)
    assert kinds(watched) == [EventKind.OPENED]
    watched.named(after(minutes=15), "2024.1")
    assert watched.state.scheme == "pep440"
    assert kinds(watched) == [EventKind.OPENED, EventKind.SCHEME_CHANGED]
    assert watched.alert() is not None
    watched.named(after(minutes=20), "2024.1")
    assert kinds(watched)[2:] == [EventKind.RESOLVED]


def test_what_parses_only_under_the_new_scheme_counts_from_the_change() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.0.0"), release("1.1.0"), *(release(f"0.{n}.0") for n in range(20)))
    known = [release("1.0.0"), release("1.1.0"), *(release(f"0.{n}.0") for n in range(20))]
    watched.listed(after(hours=1), *known, release("2024.1", after(hours=1)))
    watched.listed(after(hours=5), *known, *(release(f"2024.{n}", after(hours=n)) for n in range(1, 5)))
    watched.named(after(hours=5, minutes=5), "1.1.0")
    alert = watched.alert()
    assert alert is not None
    assert alert.since == after(hours=2)
    assert alert.finding is not None
    assert alert.finding.missing_since[0] == after(hours=5)


def test_the_policy_says_another_scheme_while_we_were_away() -> None:
    watched = Watched(policy=Policy(scheme="semver"))
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    watched.under(policy=Policy(scheme="numeric"))
    watched.listed(after(hours=1), release("1.1.0"), release("1.2.0"))
    assert watched.state.scheme == "numeric"
    assert kinds(watched) == [EventKind.SCHEME_CHANGED]
    watched.named(after(hours=1), "1.1.0")
    assert watched.alert() is not None
    # Under this one nothing that is named has a place, until the metadata is read again.
    watched.under(policy=Policy(scheme="calver"))
    watched.wait(after(hours=2))
    watched.wait(after(hours=3))
    assert judge(watched.state, watched.rules).missing == ()
    assert watched.alert().state is AlertState.PENDING


def test_what_is_named_has_no_place_under_a_scheme_that_it_is_no_version_of() -> None:
    watched = Watched(policy=Policy(scheme="semver"))
    watched.named(START, "1.1.0")
    watched.listed(START, release("1.1.0"))
    watched.under(policy=Policy(scheme="calver"))
    for minute in (2, 4, 6):
        watched.wait(after(minutes=minute))
    assert judge(watched.state, watched.rules).missing == ()
    assert judge(watched.state, watched.rules).newest is None


def test_of_several_names_the_highest_tells_whether_the_metadata_has_moved() -> None:
    watched = Watched()
    watched.named(START, "1.0", "1.1")
    watched.named(after(minutes=1), "1.1", "1.0")
    watched.listed(after(minutes=1), release("1.0"), release("1.1"))
    watched.named(after(minutes=5), "1.1", "0.9")
    assert [(run.versions, run.from_at) for run in watched.state.runs] == [(("1.1", "0.9"), START)]
    watched.named(after(minutes=10), "1.0", "0.9")
    assert [run.from_at for run in watched.state.runs] == [after(minutes=10)]


def test_tags_that_fit_no_scheme_make_their_side_malformed_since_the_first_look() -> None:
    watched = Watched()
    watched.named(START, "1.1.0")
    watched.listed(START, release("jammy"), release("focal"), release("noble"))
    watched.listed(after(minutes=5), release("jammy"), release("focal"), release("noble"))
    side = watched.state.releases_side
    assert side.malformed is not None
    assert all(tag in side.malformed for tag in ("jammy", "focal", "noble"))
    assert (side.malformed_at, side.good_at) == (START, None)
    watched.wait(after(minutes=15))
    alert = watched.alert(CheckName.MALFORMED)
    assert alert is not None
    assert (alert.side, alert.fired_at) == (Side.RELEASES, after(minutes=15))
    watched.under(policy=Policy(scheme="published"))
    watched.listed(after(minutes=20), release("1.1.0"), release("jammy"), release("focal"), release("noble"))
    assert watched.state.releases_side.malformed_at is None
    assert kinds(watched)[-1] is EventKind.RESOLVED


def test_a_name_that_fits_no_scheme_makes_the_metadata_malformed_and_nothing_is_named() -> None:
    watched = Watched()
    watched.named(START, "d09ff92")
    watched.listed(START, release("1.0.0"), release("1.1.0"))
    assert watched.state.metadata.malformed_at == START
    assert watched.state.runs == ()
    watched.named(after(minutes=5), "1.0.0")
    assert watched.state.scheme == "semver"
    assert watched.alert() is not None


def test_by_publication_a_name_that_nothing_orders_is_a_failed_look_however_the_sides_come() -> None:
    watched = Watched(policy=Policy(scheme="published"))
    watched.named(START, "noble")
    watched.listed(START, release("jammy"), release("focal"))
    assert watched.state.metadata.failed == 1
    assert watched.state.runs == ()
    watched.named(after(minutes=5), "noble")
    assert watched.state.metadata.failed == 2
    assert [ask.side for ask in watched.asks] == [Side.RELEASES]
    watched.listed(after(minutes=5), release("jammy"), release("focal"), release("noble"))
    assert [ask.side for ask in watched.asks] == [Side.METADATA]
    watched.named(after(minutes=5), "noble")
    assert watched.state.metadata.failed == 0
    assert judge(watched.state, watched.rules).named == "noble"

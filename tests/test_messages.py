"""What a message says, in which order, and of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.messages import write
from monitor.model import BehindReason, CheckName, Evidence, Side, SinceClock, TellReason
from tests.letters import (
    ALERT,
    CONFIRMED,
    DROPPED,
    FINDING,
    METADATA,
    RELEASE,
    RESOLVED,
    about,
    finding,
    letter,
)
from tests.telling import PUBLISHED_AT, after, behind


def body(*arguments, **changes) -> list[str]:
    return write(letter(*arguments, **changes))[1].split("\n")


def test_a_message_has_its_facts_in_the_order_in_which_they_are_needed():
    title, text = write(letter())
    assert f"{title}\n{text}" == (
        "[behind] python-build-standalone: latest-release.json names 20241008; 20241016 is out\n"
        "since 15:40 UTC (2 h 01 min, published by GitHub). 1 release missing.\n"
        "Confirmed 17:41:03, served from a cache, age 12 s. Also drifting: nothing.\n"
        f"metadata {METADATA} · release {RELEASE} · page https://drift.example.org/alerts/17\n"
        "Quiet: tagdrift ack 17"
    )


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param(
            letter(now=after(days=1)),
            "since 2024-10-16 15:40 UTC (26 h 00 min, published by GitHub). 1 release missing.",
            id="a date where it is not today",
        ),
        pytest.param(
            letter(published_by=None),
            "since 15:40 UTC (2 h 01 min, published). 1 release missing.",
            id="published, by whom is not known",
        ),
        pytest.param(
            finding(since_is=SinceClock.FIRST_SEEN),
            "at least since 15:40 UTC (2 h 01 min, first seen). 1 release missing.",
            id="first seen",
        ),
        pytest.param(
            finding(since_is=SinceClock.TAGGED),
            "since 15:40 UTC (2 h 01 min, tagged). 1 release missing.",
            id="tagged",
        ),
        pytest.param(
            finding(since_is=SinceClock.COMMITTED),
            "since 15:40 UTC (2 h 01 min, committed, a lower bound). 1 release missing.",
            id="committed",
        ),
        pytest.param(
            finding(missing=("20241016", "20241101")),
            "since 15:40 UTC (2 h 01 min, published by GitHub). 2 releases missing: 20241016, 20241101.",
            id="two missing",
        ),
        pytest.param(
            finding(missing=tuple(f"v{number}" for number in range(10)), missing_is_at_least=True),
            "since 15:40 UTC (2 h 01 min, published by GitHub)."
            " 10 or more releases missing: v0, v1, v2, v3, v4 and 5 more.",
            id="a full window",
        ),
        pytest.param(
            finding(missing_is_at_least=True),
            "since 15:40 UTC (2 h 01 min, published by GitHub). 1 or more releases missing.",
            id="at least one",
        ),
        pytest.param(
            finding(missing=()), "since 15:40 UTC (2 h 01 min, published by GitHub).", id="none missing"
        ),
        pytest.param(
            finding(reason=BehindReason.REGRESSED),
            "since 15:40 UTC (2 h 01 min, published by GitHub). 1 release missing."
            " The metadata went back: it had named a newer one.",
            id="went back",
        ),
        pytest.param(
            letter(ALERT, TellReason.REPEAT, news=("20241101",)),
            "since 15:40 UTC (2 h 01 min, published by GitHub). 1 release missing."
            " New since the last message: 20241101.",
            id="a newer one",
        ),
        pytest.param(
            letter(ALERT, TellReason.ESCALATED, now=after(hours=6)),
            "since 15:40 UTC (8 h 00 min, published by GitHub). 1 release missing."
            " It has fired for 6 h 00 min.",
            id="escalated",
        ),
        pytest.param(
            letter(replace(ALERT, fired_at=None), TellReason.ESCALATED),
            "since 15:40 UTC (2 h 01 min, published by GitHub). 1 release missing.",
            id="escalated, without an instant of firing",
        ),
        pytest.param(
            about(CheckName.UNREACHABLE, Side.METADATA),
            "not read since 15:40 UTC (2 h 01 min): HTTP 503 in 40 looks.",
            id="unreachable",
        ),
        pytest.param(
            about(CheckName.MALFORMED, Side.METADATA, since_is=SinceClock.FIRST_SEEN),
            "at least since 15:40 UTC (2 h 01 min, first seen): HTTP 503 in 40 looks.",
            id="malformed",
        ),
        pytest.param(
            letter(RESOLVED, TellReason.RESOLVED, now=after(hours=4, minutes=19)),
            "from 15:40 UTC until 21:49 UTC (6 h 09 min, published by GitHub). Fired 17:40 UTC."
            " It named 20241008 while 20241016 was out.",
            id="resolved",
        ),
        pytest.param(
            letter(replace(RESOLVED, named=None, newest=None, fired_at=None), TellReason.RESOLVED),
            "from 15:40 UTC until 21:49 UTC (6 h 09 min, published by GitHub)."
            " It named nothing while a newer release was out.",
            id="resolved, little known",
        ),
        pytest.param(
            letter(RESOLVED, TellReason.RESOLVED, replaces_first=True),
            "from 15:40 UTC until 21:49 UTC (6 h 09 min, published by GitHub). Fired 17:40 UTC."
            " It named 20241008 while 20241016 was out. It was over before this could be sent.",
            id="fired and resolved",
        ),
        pytest.param(
            letter(DROPPED, TellReason.DROPPED),
            "from 15:40 UTC until 21:40 UTC (6 h 00 min, published by GitHub). Fired 17:40 UTC."
            " It named 20241008 while 20241016 was out."
            " The target was taken out of the configuration; nothing more is told of it.",
            id="dropped",
        ),
        pytest.param(
            letter(replace(DROPPED, resolved_at=None, check=CheckName.MALFORMED, sentence="")),
            "since 15:40 UTC (2 h 01 min, published by GitHub): 20241016 is out.",
            id="a sentence gets its full stop",
        ),
        pytest.param(
            letter(replace(RESOLVED, check=CheckName.MALFORMED, sentence="no version"), TellReason.RESOLVED),
            "from 15:40 UTC until 21:49 UTC (6 h 09 min, published by GitHub). Fired 17:40 UTC."
            " Reason: no version.",
            id="resolved, another check",
        ),
    ],
)
def test_the_next_line_says_since_when_how_that_is_known_and_how_much(given, line):
    assert write(given)[1].split("\n")[0] == line


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        pytest.param(None, "Also drifting: nothing.", id="no second look"),
        pytest.param(
            replace(CONFIRMED, cache_age_for=None),
            "Confirmed 17:41:03. Also drifting: nothing.",
            id="no cache",
        ),
        pytest.param(
            replace(CONFIRMED, cache_age_for=timedelta(0)),
            "Confirmed 17:41:03. Also drifting: nothing.",
            id="a fresh copy",
        ),
        pytest.param(
            Evidence(at=after(), confirmed=False, metadata_read_at=after(), releases_read_at=after(days=-1)),
            "Not confirmed; last read at 17:40:00 (metadata) and 2024-10-15 17:40:00 (releases)."
            " Also drifting: nothing.",
            id="not confirmed",
        ),
        pytest.param(
            Evidence(at=after(), confirmed=False),
            "Not confirmed. Also drifting: nothing.",
            id="not confirmed, never read",
        ),
    ],
)
def test_then_comes_what_the_second_look_showed(evidence, line):
    assert body(replace(ALERT, evidence=evidence))[1] == line


def test_other_targets_that_drift_are_named_and_counted():
    names = ("python-build-standalone", "a", "b", "c", "d", "e", "f")
    assert body(drifting=names)[1].endswith("Also drifting: a, b, c, d, e and 1 more.")
    assert body(drifting=names[:-1])[1].endswith("Also drifting: a, b, c, d, e.")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("no version", "no version.", id="without a full stop"),
        pytest.param("no version.", "no version.", id="with one"),
        pytest.param("is it?", "is it?", id="a question"),
        pytest.param("x" * 300, "x" * 219 + "…", id="too long"),
    ],
)
def test_a_sentence_of_somebody_else_ends_as_one_of_ours(said, shown):
    assert body(replace(ALERT, held=said))[1] == f"Held: {shown}"


def test_an_alert_that_is_held_says_so():
    assert body(replace(ALERT, held="the metadata names 99999999"))[1] == "Held: the metadata names 99999999."


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param({"public_url": None}, f"metadata {METADATA} · release {RELEASE}", id="without a page"),
        pytest.param(
            {"alert": replace(ALERT, finding=behind()), "metadata_link": "https://example.org/latest.json"},
            "metadata https://example.org/latest.json · page https://drift.example.org/alerts/17",
            id="the address that is asked, where the reading has none",
        ),
        pytest.param(
            {"alert": replace(ALERT, finding=replace(FINDING, release_link="javascript:alert(1)"))},
            f"metadata {METADATA} · page https://drift.example.org/alerts/17",
            id="a link that is none",
        ),
        pytest.param(
            {"alert": replace(ALERT, id=None)}, f"metadata {METADATA} · release {RELEASE}", id="no number yet"
        ),
    ],
)
def test_links_lead_to_where_one_can_see_for_oneself(changes, line):
    assert body(**changes)[2] == line


@pytest.mark.parametrize("reason", [TellReason.RESOLVED, TellReason.DROPPED])
def test_what_is_over_needs_no_quiet(reason):
    assert "Quiet" not in write(letter(RESOLVED, reason))[1]


def test_without_any_link_the_line_is_left_out():
    assert body(replace(ALERT, finding=behind()), public_url=None)[1:] == [
        "Confirmed 17:41:03, served from a cache, age 12 s. Also drifting: nothing.",
        "Quiet: tagdrift ack 17",
    ]


def test_the_instant_of_publication_is_the_one_shown():
    assert PUBLISHED_AT.strftime("%H:%M UTC") in body()[0]

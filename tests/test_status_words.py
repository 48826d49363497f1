"""The one word for how a target stands, and which alert it stands for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import (
    AlertState,
    CheckName,
    Failure,
    Reading,
    Reason,
    Release,
    Rules,
    Severity,
    Side,
    SideState,
    TargetState,
)
from monitor.status import Look, Word, judge
from monitor.status.words import look_of
from tests.picturing import NOTHING, POLICY, RULES, TARGET, named, seen, shown, watched
from tests.telling import after, behind, firing

READ = watched("20241016")


def standing(*alerts, read: TargetState = READ, is_blind: bool = False):
    rules = Rules(target=TARGET.name, policy=POLICY, is_blind=is_blind)
    state = TargetState(
        target=TARGET.name, metadata=read.metadata, releases_side=read.releases_side, alerts=alerts
    )
    return judge(state, rules)


def pending(check=CheckName.BEHIND, **span: float):
    return firing(check=check, state=AlertState.PENDING, id=None, fired_at=None, fires_at=after(**span))


@pytest.mark.parametrize(
    ("alerts", "is_blind", "word"),
    [
        pytest.param([], False, Word.IN_STEP, id="nothing wrong"),
        pytest.param([], True, Word.BLIND, id="nothing wrong as far as the blind can see"),
        pytest.param([pending()], False, Word.PENDING, id="pending"),
        pytest.param([pending()], True, Word.BLIND, id="pending while blind: nothing fires"),
        pytest.param([firing()], False, Word.BEHIND, id="firing"),
        pytest.param([firing()], True, Word.BEHIND, id="firing is not forgotten while blind"),
        pytest.param(
            [firing(check=CheckName.MALFORMED), firing(check=CheckName.UNLISTED)],
            False,
            Word.UNLISTED,
            id="the worse check",
        ),
        pytest.param(
            [firing(), firing(check=CheckName.UNLISTED, severity=Severity.CRITICAL)],
            False,
            Word.UNLISTED,
            id="critical before any warning",
        ),
        pytest.param(
            [pending(), firing(check=CheckName.AMBIGUOUS)], False, Word.AMBIGUOUS, id="firing before pending"
        ),
        pytest.param([firing(state=AlertState.RESOLVED)], False, Word.IN_STEP, id="resolved"),
        pytest.param([firing(state=AlertState.DROPPED)], False, Word.IN_STEP, id="dropped"),
    ],
)
def test_the_word_is_that_of_the_worst_that_is_open(alerts, is_blind, word):
    assert standing(*alerts, is_blind=is_blind).word is word


def test_of_pending_alerts_the_one_that_fires_first_decides():
    late, soon = pending(hours=3), pending(CheckName.MALFORMED, hours=1)
    judged = standing(late, soon)
    assert judged.alert == soon
    assert judged.fires_at == after(hours=1)
    assert judged.alert_id is None


def test_what_fires_has_a_number_and_no_time_to_fire():
    judged = standing(firing())
    assert judged.alert_id == 17
    assert judged.fires_at is None


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(NOTHING, id="never looked"),
        pytest.param(seen(NOTHING, Side.METADATA, named("20241008")), id="only the metadata was read"),
    ],
)
def test_a_target_of_which_a_side_was_never_read_is_unknown(read):
    judged = judge(read, RULES)
    assert judged.word is Word.UNKNOWN
    assert judged.lag_for(after()) is None


def test_without_a_scheme_the_only_version_named_is_shown_all_the_same():
    judged = judge(seen(NOTHING, Side.METADATA, named("20241008")), RULES)
    assert (judged.named, judged.newest, judged.missing) == ("20241008", None, ())


def test_of_several_versions_named_the_highest_is_shown_and_without_a_scheme_none():
    both = Reading(releases=tuple(Release(tag=tag, version=tag) for tag in ("20241008", "20241002")))
    state = seen(watched(), Side.METADATA, both)
    assert judge(state, RULES).named == "20241008"
    assert judge(replace(state, scheme=None), RULES).named is None


def test_what_is_shown_of_an_alert_is_what_is_true_today():
    today = replace(behind(v20241017=after()), sentence="20241017 is out")
    assert standing(firing(finding=today)).since == after()


def test_the_lag_is_that_of_what_is_missing_whatever_else_is_wrong():
    state = watched(hours=1)
    other = firing(check=CheckName.UNREACHABLE, since=after(), finding=None)
    over = firing(state=AlertState.RESOLVED, finding=None)
    alerts = (other, over, *state.alerts)
    assert judge(replace(state, alerts=alerts), RULES).lag_for(after(hours=5)) == timedelta(hours=7)


def test_nothing_is_missing_from_a_side_that_was_never_read():
    judged = judge(NOTHING, RULES)
    assert (judged.named, judged.newest, judged.missing, judged.since) == (None, None, (), None)


@pytest.mark.parametrize(
    ("state", "lag"),
    [
        pytest.param(watched("20241016"), timedelta(0), id="in step"),
        pytest.param(watched(hours=-1), timedelta(hours=7), id="pending"),
        pytest.param(watched(hours=1), timedelta(hours=7), id="firing"),
        pytest.param(
            TargetState(
                target=TARGET.name,
                metadata=READ.metadata,
                releases_side=READ.releases_side,
                releases=READ.releases,
                runs=watched().runs,
                scheme="calver",
            ),
            None,
            id="missing, and the step that finds it has not come",
        ),
    ],
)
def test_the_lag_counts_from_the_first_missing_release(state, lag):
    assert judge(state, RULES).lag_for(after(hours=5)) == lag


def test_a_lag_is_never_below_zero():
    assert judge(watched(hours=1), RULES).lag_for(after(days=-9)) == timedelta(0)


@pytest.mark.parametrize(
    ("side", "look"),
    [
        pytest.param(SideState(), Look.NEVER, id="never looked"),
        pytest.param(SideState(looked_at=after(), good_at=after()), Look.GOOD, id="good"),
        pytest.param(SideState(looked_at=after(), malformed_at=after()), Look.MALFORMED, id="malformed"),
        pytest.param(
            SideState(
                looked_at=after(),
                malformed_at=after(),
                failure=Failure(reason=Reason.LIMITED, sentence="HTTP 429"),
            ),
            Look.LIMITED,
            id="rate-limited after a malformed answer",
        ),
        pytest.param(
            SideState(looked_at=after(), failure=Failure(reason=Reason.REFUSED, sentence="HTTP 404")),
            Look.REFUSED,
            id="refused",
        ),
    ],
)
def test_a_side_shows_how_its_last_look_went(side, look):
    assert look_of(side) is look


def test_every_check_has_its_word_and_every_reason_its_look():
    assert {check.value for check in CheckName} <= {word.value for word in Word}
    assert {reason.value for reason in Reason} <= {look.value for look in Look}


def test_the_word_is_the_one_that_is_shown():
    assert shown(watched(hours=1)).word is Word.BEHIND

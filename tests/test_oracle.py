"""What a history is told of is what a second, independent reading of the design makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from monitor.model import Policy, Rollback, Switch
from monitor.replay import Row, RowHistory, Word
from tests.oracle import told_of

HISTORIES = 300
VERSIONS = {
    "numeric": ("1", "1.1", "1.2", "1.2.1", "1.3", "249", "2020.10.0", "99.0.0"),
    "semver": ("1.0.0", "1.1.0", "1.1.1", "1.2.0-rc1", "1.2.0", "1.2.0+b1", "2.0.0", "99.0.0"),
    "pep440": ("1.0", "1.0.0", "1.1", "1.2rc1", "1.2", "1.2.post1", "1.2+l1", "2.0.dev1", "99.0"),
    "calver": ("20260101", "20260103", "20260107", "20250105", "20270103", "20260230", "99999999"),
}
WORDS = (Word.RELEASE,) * 8 + (Word.WITHDRAWN,) * 2 + (Word.METADATA,) * 10
NO_VERSIONS = ("d09ff921d92d6da8", "none")
GAPS = (0, 1, 2, 5, 9, 10, 11, 15, 29, 30, 31, 45, 60, 90, 119, 120, 121, 180, 600, 1500)


def history(random: Random, scheme: str) -> tuple[Row, ...]:
    """Return a few rows about so few versions that they meet in every way."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=random.choice((0, 0, 2, 40)))
    versions = random.sample(VERSIONS[scheme], 4)
    letter = random.choice(("", "", "v"))
    rows = []
    for _ in range(random.randint(2, 12)):
        at += timedelta(minutes=random.choice(GAPS))
        word, value = random.choice(WORDS), letter + random.choice(versions)
        if word is Word.METADATA:
            value = random.choice((value,) * 6 + NO_VERSIONS[:1] + (value.removeprefix("v"),))
        if word is Word.WITHDRAWN and (not rows or rows[-1].at == at):
            # What goes and comes in one instant is not defined.
            at += timedelta(minutes=1)
        rows.append(Row(at=at, word=word, value=value))
        if word is Word.WITHDRAWN:
            at += timedelta(minutes=1)
    return tuple(rows)


def policy(random: Random, scheme: str) -> Policy:
    return Policy(
        scheme=scheme,
        threshold=timedelta(minutes=random.choice((0, 60, 120, 120, 240))),
        prereleases=random.random() < 0.2,
        ignore=(random.choice(VERSIONS[scheme]),) if random.random() < 0.15 else (),
        rollback=random.choice((Rollback.ALERT, Rollback.ALERT, Rollback.ALLOW)),
        unlisted=random.choice((Switch.ON, Switch.ON, Switch.OFF)),
        keep_firing_for=timedelta(minutes=random.choice((0, 10, 30))),
        malformed_grace=timedelta(minutes=random.choice((0, 15))),
        unlisted_grace=timedelta(minutes=random.choice((0, 30))),
    )


def by_the_program(rows: Sequence[Row], wanted: Policy) -> list[tuple[object, ...]]:
    alerts = RowHistory(name="project", rows=rows).play(lambda _: wanted).alerts
    facts = []
    for alert in alerts:
        about = (alert.named, alert.newest, len(alert.missing)) if alert.check == "behind" else ()
        facts.append((alert.check.value, alert.since, alert.fired_at, alert.resolved_at, about))
    return sorted(facts, key=str)


def by_the_oracle(rows: Sequence[Row], wanted: Policy) -> list[tuple[object, ...]]:
    facts = []
    for alert in told_of(rows, wanted):
        about = (alert.named, alert.newest, alert.missing) if alert.check == "behind" else ()
        facts.append((alert.check, alert.since, alert.fired_at, alert.resolved_at, about))
    return sorted(facts, key=str)


@pytest.mark.parametrize("scheme", VERSIONS)
def test_a_history_is_told_as_a_second_reading_of_the_design_would(scheme: str) -> None:
    random = Random(scheme)
    for _ in range(HISTORIES):
        rows, wanted = history(random, scheme), policy(random, scheme)
        assert by_the_program(rows, wanted) == by_the_oracle(rows, wanted), (rows, wanted)

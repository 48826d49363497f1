"""What holds of every history: more looks lose nothing, a state carries all, a replay equals the run."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import CheckName, Policy, Source, Target
from monitor.replay import Moment, Row, Word, moments_of, play, player_of
from monitor.store import Reader
from tests.daemon import Daemon, Happening
from tests.replaying import at, replayed, told

START = at("2024-01-01 00:00")
VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "1.2.1", "1.3.0-rc.1", "1.3.0", "2.0.0")
UNKNOWN = Source(kind="history", spec=None)
TARGET = Target(
    name="project",
    metadata=UNKNOWN,
    releases=UNKNOWN,
    policy=Policy(scheme="semver", threshold=timedelta(hours=2)),
)

minutes = st.integers(1, 600)
words = st.sampled_from([*(Word.RELEASE, Word.METADATA) * 3, Word.METADATA, Word.WITHDRAWN])
values = st.sampled_from([*VERSIONS, *VERSIONS, "nonsense", ""])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Row, ...]:
    """Rows that begin with a release and what names it; then anything, minutes to hours apart."""
    rows = [
        Row(at=START, word=Word.RELEASE, value="1.0.0"),
        Row(at=START, word=Word.METADATA, value="1.0.0"),
    ]
    now = START
    for wait, word, value in draw(st.lists(st.tuples(minutes, words, values), max_size=15)):
        now += timedelta(minutes=wait)
        rows.append(Row(at=now, word=word, value=value if word is Word.METADATA else value or "9.9.9"))
    return tuple(rows)


def moments(rows: Sequence[Row]) -> list[Moment]:
    return list(moments_of(rows, target="project"))


def polled(sparse: Sequence[Moment], every: timedelta, until_at: datetime) -> Iterator[Moment]:
    """Yield these moments, and looks between them that show what the last ones did."""
    for moment, following in zip(sparse, (*sparse[1:], None), strict=True):
        yield moment
        end = until_at if following is None else following.at
        good = tuple(look for look in moment.looks if not hasattr(look.outcome, "reason"))
        now = moment.at + every
        while now < end and good:
            yield Moment(at=now, looks=tuple(replace(look, at=now) for look in good))
            now += every


@given(histories(), st.integers(5, 45))
@settings(max_examples=30, deadline=None)
def test_polling_more_often_never_loses_an_alert(rows: tuple[Row, ...], every: int) -> None:
    until_at = rows[-1].at + timedelta(hours=8)
    sparse = moments(rows)
    seldom = play(sparse, TARGET, until_at=until_at).alerts
    often = play(polled(sparse, timedelta(minutes=every), until_at), TARGET, until_at=until_at).alerts
    # Of silence a look more is news: `unreachable` counts looks, and from the last good one.
    assert told([each for each in seldom if each.check is not CheckName.UNREACHABLE]) == told(
        [each for each in often if each.check is not CheckName.UNREACHABLE]
    )


@given(histories(), st.integers(0, 16))
@settings(max_examples=30, deadline=None)
def test_a_history_in_two_parts_is_the_history(rows: tuple[Row, ...], place: int) -> None:
    until_at = rows[-1].at + timedelta(hours=8)
    whole = play(moments(rows), TARGET, until_at=until_at)
    looks = moments(rows)
    place = min(place, len(looks))
    first = player_of(TARGET)
    for moment in looks[:place]:
        first.look(moment)
    so_far = {alert.id: alert for alert in first.telling.alerts.values()}
    second = player_of(TARGET, state=replace(first.state, memo=None), ids=count(len(so_far) + 1))
    for moment in looks[place:]:
        second.look(moment)
    rest = second.ended(until_at)
    alerts = {**so_far, **{alert.id: alert for alert in rest.alerts}}
    assert list(alerts.values()) == sorted(whole.alerts, key=lambda alert: alert.id or 0)
    assert rest.state == whole.state


happenings = st.sampled_from(
    [
        *({"publish": version} for version in VERSIONS[1:]),
        *({"metadata": version} for version in VERSIONS),
        {"metadata": "nonsense"},
        {"metadata": {"fails": "unreachable"}},
        {"metadata": {"fails": "malformed"}},
        {"releases": {"fails": "unreachable"}},
        {"releases": {"lacks": ["1.1.0"]}},
        {"releases": {}},
        {"daemon": "stop"},
        {"daemon": "start"},
        {"threshold": 30},
        {"threshold": 120},
    ]
)


@given(st.lists(st.tuples(st.integers(1, 300), happenings), min_size=2, max_size=12))
@settings(max_examples=10, deadline=None)
def test_a_replay_gives_exactly_the_alerts_that_the_daemon_raised(
    script: list[tuple[int, Happening]],
) -> None:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        daemon = Daemon(Path(folder) / "tagdrift.db", TARGET.policy)
        asyncio.run(daemon.live(script))
        reader = Reader(daemon.path)
        alerts = told(sorted(reader.alerts(), key=lambda alert: (alert.fired_at or alert.since, alert.check)))
        again = replayed(reader, daemon.clock.now())
        reader.close()
    assert again == alerts

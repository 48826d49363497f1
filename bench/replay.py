"""How many observations a second go through the heart: `python -m bench.replay`.

Three histories, each played on one core as `backtest` plays it:

- looks that show nothing new, as a daemon records them: nearly all that there ever is;
- a project's rows: each of them changes what a side says;
- rows with a drift told at each of them, messages included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.model import Observation, Policy, Reading, Release, Side, Source, Target
from monitor.replay import Moment, Row, Word, moments_of, player_of

START = datetime(2024, 1, 1, tzinfo=UTC)
AIM = 100_000
SECONDS = 2.0
UNKNOWN = Source(kind="history", spec=None)
TARGET = Target(
    name="project",
    metadata=UNKNOWN,
    releases=UNKNOWN,
    policy=Policy(scheme="calver", threshold=timedelta(hours=2)),
)


def tag(number: int) -> str:
    return f"{START + timedelta(days=7 * number):%Y%m%d}"


def quiet_looks(releases: int) -> Callable[[], int]:
    """Polls every five minutes of a project with so many releases, none of them new."""
    listed = tuple(
        Release(tag=tag(n), version=tag(n), published_at=START + timedelta(days=7 * n))
        for n in range(releases)
    )
    said = {
        Side.METADATA: Reading(releases=(Release(tag=tag(releases - 1), version=tag(releases - 1)),)),
        Side.RELEASES: Reading(releases=listed),
    }
    at = START + timedelta(days=7 * releases)
    player = player_of(TARGET)
    player.look(Moment(at=at, looks=tuple(_look(side, at, said) for side in Side)))
    instants = [at + timedelta(minutes=5 * place) for place in range(1, 20_001)]
    looks = [_look(side, each, said) for each in instants for side in Side]

    def go() -> int:
        player.state = replace(player.state)
        for look in looks:
            player.observe(look)
        return len(looks)

    return go


def _look(side: Side, at: datetime, said: dict[Side, Reading]) -> Observation:
    return Observation(target="project", side=side, at=at, outcome=said[side])


def rows(releases: int, lag: timedelta) -> list[Row]:
    """A release each week, named after this lag."""
    found = []
    for number in range(releases):
        out_at = START + timedelta(days=7 * number)
        found.append(Row(at=out_at, word=Word.RELEASE, value=tag(number)))
        found.append(Row(at=out_at + lag, word=Word.METADATA, value=tag(number)))
    return sorted(found, key=lambda row: row.at)


def played(releases: int, lag: timedelta) -> Callable[[], int]:
    history = rows(releases, lag)

    def go() -> int:
        player = player_of(TARGET)
        for moment in moments_of(history, target="project"):
            player.look(moment)
        return player.ended(history[-1].at).looks

    return go


def measured(go: Callable[[], int]) -> float:
    """Return observations a second of processor time, of the best of the rounds that fit into the time."""
    best, begun = 0.0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        before = time.process_time()
        looks = go()
        best = max(best, looks / (time.process_time() - before))
    return best


def cases() -> Iterator[tuple[str, Callable[[], int]]]:
    yield "unchanged looks, 100 releases", quiet_looks(100)
    yield "unchanged looks, 1000 releases", quiet_looks(1000)
    yield "rows in step, 100 releases", played(100, timedelta(minutes=10))
    yield "rows with drifts, 100 releases", played(100, timedelta(hours=9))
    yield "rows with drifts, 1000 releases", played(1000, timedelta(hours=9))


def main() -> None:
    results = {name: measured(go) for name, go in cases()}
    for name, speed in results.items():
        print(f"{name:34} {speed:12,.0f} observations/s")
    print(f"the aim is {AIM:,} on one core, for the looks that make up a history")
    if "--check" in sys.argv and next(iter(results.values())) < AIM:
        sys.exit(1)


if __name__ == "__main__":
    main()

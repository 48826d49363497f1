"""`kill -9`, at named points and at any instant: nothing is lost, and one message repeated at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.doomed import COMMITS
from tests.real.killing import kill_at, kill_often
from tests.real.running import running
from tests.servers.site import Site

Property = Callable[[str, object], None]
PROMISE = "every drift and its end reach each receiver, in order; at most one message repeated a kill"
POINTS = [f"{when} {commit}" for commit in COMMITS for when in ("before", "after")]
# A target is new once only.
AGAIN = [point for point in POINTS if "is new" not in point]


@pytest.mark.fault(
    "kill -9 at named points",
    how=f"the daemon kills itself before and after each commit: {', '.join(COMMITS)}; "
    "before a message is marked it has been sent",
    promise=PROMISE,
    group="Process",
)
@pytest.mark.parametrize(
    "times", [pytest.param(1, marks=pytest.mark.real), pytest.param(5, marks=pytest.mark.campaign)]
)
async def test_killed_at_any_commit_it_loses_nothing_and_repeats_at_most_one_message(
    quick_path: Path, site: Site, times: int, record_property: Property
) -> None:
    points = POINTS + AGAIN * (times - 1)
    async with running(quick_path, site) as daemon:
        toll = await kill_at(daemon, points)
    record_property("times", len(points))
    record_property("figure", f"messages repeated: {toll.repeated}")
    assert toll.wrong == ()


@pytest.mark.fault(
    "kill -9 at any instant",
    how="SIGKILL at random while the daemon starts, looks, fires, sends and marks, with two receivers",
    promise=PROMISE,
    group="Process",
)
@pytest.mark.parametrize(
    "kills", [pytest.param(10, marks=pytest.mark.real), pytest.param(100, marks=pytest.mark.campaign)]
)
async def test_killed_at_any_instant_it_loses_nothing_and_repeats_at_most_one_message(
    quick_path: Path, site: Site, kills: int, record_property: Property
) -> None:
    async with running(quick_path, site) as daemon:
        toll = await kill_often(daemon, kills=kills, seed=20241016)
    record_property("times", kills)
    record_property("figure", f"messages repeated: {toll.repeated}")
    assert toll.wrong == ()

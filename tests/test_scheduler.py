"""What is due when, and jobs that no clock stops."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import SystemClock
from monitor.scheduler import Agenda, Jobs
from monitor.scheduler.jobs import Every


def test_what_is_due_comes_earliest_first_and_once() -> None:
    agenda: Agenda[str] = Agenda()
    agenda.put("late", 30)
    agenda.put("soon", 10)
    agenda.put("middle", 20)
    assert list(agenda.take(20)) == ["soon", "middle"]
    assert list(agenda.take(20)) == []
    assert agenda.first_at() == 30
    assert len(agenda) == 1


def test_a_key_that_is_put_again_moves() -> None:
    agenda: Agenda[str] = Agenda()
    agenda.put("a", 10)
    agenda.put("a", 30)
    assert list(agenda.take(20)) == []
    agenda.put("a", 5)
    assert list(agenda.take(20)) == ["a"]
    assert agenda.first_at() is None


def test_a_dropped_key_never_comes_and_the_most_are_kept_to() -> None:
    agenda: Agenda[int] = Agenda()
    for key in range(10):
        agenda.put(key, key)
    agenda.drop(0)
    agenda.drop(99)
    assert list(agenda.take(100, most=3)) == [1, 2, 3]
    assert len(agenda) == 6


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100)), max_size=400))
def test_the_agenda_agrees_with_a_plain_dictionary(moves: list[tuple[int, int]]) -> None:
    agenda: Agenda[int] = Agenda()
    plain: dict[int, int] = {}
    for key, at in moves:
        agenda.put(key, at)
        plain[key] = at
    expected = sorted(at for at in plain.values() if at <= 50)
    taken = [plain[key] for key in agenda.take(50)]
    assert taken == expected
    assert agenda.first_at() == min((at for at in plain.values() if at > 50), default=None)


@pytest.mark.fault("the clock of the machine is set", how="", promise="")
def test_a_run_missed_for_years_is_one_run() -> None:
    trigger = Every(timedelta(seconds=1))
    now = datetime(2034, 1, 1, tzinfo=UTC)
    assert trigger.get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now) == now + timedelta(seconds=1)
    assert trigger.get_next_fire_time(None, now) == now


class SetClock(SystemClock):
    """The machine's clock as somebody sets it."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


async def test_a_clock_that_is_set_makes_every_job_due() -> None:
    clock, runs, failures = SetClock(), asyncio.Event(), []
    jobs = Jobs(clock, on_failure=lambda name, error: failures.append((name, str(error))))
    count = 0

    async def work() -> None:
        nonlocal count
        count += 1
        runs.set()

    async def broken() -> None:
        raise ValueError("boom")

    jobs.add("prune", timedelta(hours=1), work)
    jobs.add("broken", timedelta(hours=1), broken)
    jobs.start()
    try:
        async with asyncio.timeout(60):
            await runs.wait()
        runs.clear()
        clock.by = timedelta(hours=-2)
        async with asyncio.timeout(60):
            await runs.wait()
    finally:
        await jobs.stop()
    assert count == 2
    assert failures[0] == ("broken", "boom")
    assert jobs.every == {"prune": timedelta(hours=1), "broken": timedelta(hours=1)}


@pytest.mark.parametrize("started", [False, True])
async def test_jobs_can_be_stopped_at_any_time(started: bool) -> None:
    jobs = Jobs(SystemClock(), on_failure=lambda name, error: None)
    if started:
        jobs.start()
    await jobs.stop()

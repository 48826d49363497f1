"""APScheduler's jobs, and the guard that keeps them going when somebody sets the clock.

APScheduler goes by the wall clock: set back by an hour, it would run nothing for an hour. The guard goes by
the loop's own clock, which never steps back, and makes every job due when the two part ways.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from monitor.clock import Steps
from monitor.model import Clock

log = logging.getLogger(__name__)

GUARD_EVERY = timedelta(seconds=1)
# The two clocks drift apart by milliseconds an hour; whoever moves one by this much has set it.
STEP = timedelta(seconds=2)

# Before any clock can be set to, so that a job with it is due whatever APScheduler takes for now.
LONG_DUE = datetime(1900, 1, 1, tzinfo=UTC)

Work = Callable[[], Awaitable[None]]


class Every(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Due a while after each run, counted from now: what was missed is one run.

    APScheduler's own interval trigger lists every run that was missed: after a step of years that fills the
    memory.
    """

    def __init__(self, every: timedelta) -> None:
        self.every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return now for the first run, later a time that is always ahead."""
        return now if previous_fire_time is None else now + self.every


class Jobs:
    """A handful of jobs by name, each every so often, never twice at once; a missed one runs once, now."""

    def __init__(self, clock: Clock, *, on_failure: Callable[[str, BaseException], None]) -> None:
        self._clock = clock
        self._on_failure = on_failure
        self._every: dict[str, timedelta] = {}
        self._guard: asyncio.Task[None] | None = None
        # A job that is still at work is passed over, and that is as wanted.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)

    def add(self, name: str, every: timedelta, work: Work) -> None:
        """Do this work every so often, for the first time when started."""
        self._every[name] = every
        self._scheduler.add_job(work, Every(every), id=name, name=name)

    def start(self) -> None:
        """Begin; call it inside the running loop."""
        self._scheduler.start()
        self._guard = asyncio.create_task(self._watch_the_clock(), name="clock guard")
        self.hurry()

    async def stop(self) -> None:
        """End the jobs; work that is under way goes on."""
        if self._guard is not None:
            self._guard.cancel()
            await asyncio.gather(self._guard, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def hurry(self) -> None:
        """Make every job due now, and let each go on from here at its own pace."""
        for name in self._every:
            self._scheduler.modify_job(name, next_run_time=LONG_DUE)

    @property
    def every(self) -> Mapping[str, timedelta]:
        """How often each job runs."""
        return dict(self._every)

    async def _watch_the_clock(self) -> None:
        steps = Steps(STEP)
        steps.moved_for(self._clock.now(), self._clock.monotonic())
        while True:
            await asyncio.sleep(GUARD_EVERY.total_seconds())
            moved_for = steps.moved_for(self._clock.now(), self._clock.monotonic())
            if not moved_for:
                continue
            log.warning("the clock of this machine was set by %+.0f s", moved_for.total_seconds())
            self.hurry()

    def _failed(self, event: JobExecutionEvent) -> None:
        self._on_failure(event.job_id, event.exception)

"""The only place that asks what time it is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Steps:
    """Notices when the wall clock parts from the steady one: it was set, or the machine slept.

    A difference of no more than `but_for` between two calls is the clocks' own.
    """

    def __init__(self, but_for: timedelta) -> None:
        self._but_for = but_for
        self._offset_for: timedelta | None = None

    def moved_for(self, now: datetime, monotonic: float) -> timedelta:
        """Return by how much the wall clock was set since the last call; zero where it was not."""
        offset_for = now - _EPOCH - timedelta(seconds=monotonic)
        before, self._offset_for = self._offset_for, offset_for
        moved_for = timedelta(0) if before is None else offset_for - before
        return moved_for if abs(moved_for) > self._but_for else timedelta(0)


class SystemClock:
    """The machine's clocks, as `model.Clock`."""

    def now(self) -> datetime:
        """Return this instant, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        return time.monotonic()

    async def sleep(self, wait_for: timedelta) -> None:
        """Return once this much time has passed; a span below zero is none."""
        await asyncio.sleep(max(wait_for.total_seconds(), 0.0))

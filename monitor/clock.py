"""The only place that asks what time it is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


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

"""A clock that moves only when the story does."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta


class StoryClock:
    """The demo's time, as `model.Clock`: hours pass in seconds, and nothing else in the demo is pretended.

    `sleep` lets a hundredth of the span pass for real, and none of it in the story.
    """

    def __init__(self, at: datetime) -> None:
        self._began_at = at
        self._at = at

    def now(self) -> datetime:
        """Return the story's instant."""
        return self._at

    def monotonic(self) -> float:
        """Return the story's seconds since it began."""
        return (self._at - self._began_at).total_seconds()

    async def sleep(self, wait_for: timedelta) -> None:
        """Return after a moment."""
        await asyncio.sleep(max(wait_for.total_seconds(), 0.0) / 100)

    def move_to(self, at: datetime) -> None:
        """Move on; the story never goes back."""
        self._at = max(self._at, at)

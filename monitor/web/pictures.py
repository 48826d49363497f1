"""The one picture, drawn once for all who look at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from monitor.status import Status
from monitor.web.hands import Hands

FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A status, and a number that no other picture of this run has."""

    status: Status
    number: int


class Pictures:
    """Draws at most one picture a tick, in a thread: the loop has looks to make."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._lock = asyncio.Lock()
        self._last: Picture | None = None
        self._key: tuple[int, int] = (-1, -1)
        self._drawn_at = 0.0
        self._changes = 0
        self._number = 0

    def forget(self) -> None:
        """Draw anew for whoever asks next: something was written."""
        self._changes += 1

    async def now(self) -> Picture:
        """Return how everything stands, at most a second old.

        Raises:
            StoreError: the database cannot be read.
        """
        async with self._lock:
            last = self._fresh()
            if last is None:
                key = (self._hands.ticks, self._changes)
                status = await asyncio.to_thread(self._hands.sketch())
                self._number += 1
                last = self._last = Picture(status=status, number=self._number)
                self._key, self._drawn_at = key, self._hands.clock.monotonic()
            return last

    def _fresh(self) -> Picture | None:
        is_same = self._key == (self._hands.ticks, self._changes)
        age = self._hands.clock.monotonic() - self._drawn_at
        return self._last if is_same and 0 <= age < FRESH_SECONDS else None

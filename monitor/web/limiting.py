"""How often somebody may try."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta

from monitor.model import Clock

MOST_KNOWN = 10_000


class Limiter:
    """A bucket for each key: `most` at once, one more every `every`."""

    def __init__(self, clock: Clock, *, most: int, every: timedelta) -> None:
        self._clock = clock
        self._most = most
        self._every = every.total_seconds()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_for(self, key: str) -> timedelta:
        """Return how long until this key may try; zero where it may now."""
        left = self._left(key)
        return timedelta(seconds=max(0.0, (1 - left) * self._every))

    def take(self, key: str) -> bool:
        """Count one try; returns whether it was still allowed."""
        left = self._left(key)
        if left < 1:
            return False
        self._buckets[key] = (left - 1, self._clock.monotonic())
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets.popitem(last=False)
        return True

    def _left(self, key: str) -> float:
        left, at = self._buckets.get(key, (float(self._most), 0.0))
        return min(self._most, left + (self._clock.monotonic() - at) / self._every)

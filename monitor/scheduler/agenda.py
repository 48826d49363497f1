"""What is due when: a heap holds ten thousand targets where a job for each would cost 25 times as much."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Agenda(Generic[K]):
    """One due time for each key, in the unit the caller keeps to: monotonic seconds, or a timestamp.

    A key that is put again moves; entries that were overtaken are skipped when they come up.
    """

    def __init__(self) -> None:
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._due)

    def put(self, key: K, at: float) -> None:
        """Make this key due at that time, and at no other."""
        if self._due.get(key) == at:
            return
        self._due[key] = at
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, key))
        if len(self._heap) > 64 + 4 * len(self._due):
            self._rebuild()

    def drop(self, key: K) -> None:
        """Forget this key; one that is not there is no error."""
        self._due.pop(key, None)

    def at(self, key: K) -> float | None:
        """Return when this key is due."""
        return self._due.get(key)

    def items(self) -> Iterator[tuple[K, float]]:
        """Yield every key with when it is due, in no order."""
        yield from self._due.items()

    def first_at(self) -> float | None:
        """Return when the earliest key is due, None where there is none."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, until: float, most: int | None = None) -> Iterator[K]:
        """Yield, and forget, the keys due until then, the earliest first and at most so many."""
        taken = 0
        while most is None or taken < most:
            first_at = self.first_at()
            if first_at is None or first_at > until:
                return
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            taken += 1
            yield key

    def _rebuild(self) -> None:
        self._heap = [(at, place, key) for place, (key, at) in enumerate(self._due.items())]
        self._count = len(self._heap)
        heapq.heapify(self._heap)

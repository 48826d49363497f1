"""Looks that hooks ask for: the first at once, a burst of others as one more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from monitor.model import Side
from monitor.web.hands import Hands
from monitor.web.limiting import Limiter

APART_FOR = timedelta(seconds=5)
MOST_REMEMBERED = 10_000


class Hurry:
    """Two looks at a side are at least so far apart; what is asked between them is one look after them."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._limiter = Limiter(hands.clock, most=1, every=APART_FOR)
        self._waiting: dict[tuple[str, Side], asyncio.TimerHandle] = {}
        self._delivered: dict[str, None] = {}

    @property
    def waiting(self) -> int:
        """How many looks are put off."""
        return len(self._waiting)

    def look(self, name: str, side: Side) -> bool:
        """Look at this side at once, or soon; returns whether at once."""
        key = (name, side)
        if self._limiter.take(f"{side} {name}"):
            self._hands.look(name, side)
            return True
        if key not in self._waiting:
            loop = asyncio.get_running_loop()
            self._waiting[key] = loop.call_later(APART_FOR.total_seconds(), self._late, name, side)
        return False

    def _late(self, name: str, side: Side) -> None:
        self._waiting.pop((name, side), None)
        self._limiter.take(f"{side} {name}")
        self._hands.look(name, side)

    def is_new(self, delivery: str) -> bool:
        """Return whether this delivery was not heard of before; from now on it was."""
        if delivery in self._delivered:
            return False
        self._delivered[delivery] = None
        if len(self._delivered) > MOST_REMEMBERED:
            del self._delivered[next(iter(self._delivered))]
        return True

    def stop(self) -> None:
        """Forget what is put off."""
        for handle in self._waiting.values():
            handle.cancel()
        self._waiting.clear()

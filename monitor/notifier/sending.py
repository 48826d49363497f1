"""Deliveries under way: how many at once, and how to end them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from monitor.notifier.health import Health
from monitor.notifier.pace import Pace
from monitor.notifier.wording import Message
from monitor.receivers import Outcome, deliver


class Sending:
    """Hands messages over, each from a process of its own, with room for a few at once.

    `receivers` maps names to Apprise URLs, and may be replaced at any time.
    """

    def __init__(self, receivers: Mapping[str, str], pace: Pace) -> None:
        self.receivers = dict(receivers)
        self.pace = pace
        self._slots = asyncio.Semaphore(pace.at_once)
        # Receivers that hang use every second of their deadline: they must leave room for the others.
        self._troubled = asyncio.Semaphore(max(pace.at_once // 2, 1))
        self._deliveries: set[asyncio.Task[Outcome]] = set()
        self._is_over = False

    @property
    def is_under_way(self) -> bool:
        """Whether a delivery is under way."""
        return bool(self._deliveries)

    async def hand_over(
        self, name: str, message: Message, health: Health, *, is_wanted: Callable[[], bool] = lambda: True
    ) -> Outcome | None:
        """Return what came of it; None where it was ended first, or the receiver is none of ours any more.

        Neither is sent what, when its turn has come, is not wanted any more.
        """
        async with AsyncExitStack() as turn:
            if health.failures:
                await turn.enter_async_context(self._troubled)
            await turn.enter_async_context(self._slots)
            url = self.receivers.get(name)
            if self._is_over or url is None or not is_wanted():
                return None
            # A task of its own: it can be ended without ending whoever waits here for the outcome.
            delivery = asyncio.create_task(
                deliver(
                    url, message.title, message.body, deadline_for=self.pace.deadline_for, tone=message.tone
                )
            )
            self._deliveries.add(delivery)
            delivery.add_done_callback(self._deliveries.discard)
            await asyncio.wait([delivery])
            return None if delivery.cancelled() else delivery.result()

    def end(self) -> None:
        """Kill what is under way, and begin nothing more."""
        self._is_over = True
        for delivery in self._deliveries:
            delivery.cancel()

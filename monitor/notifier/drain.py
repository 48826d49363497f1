"""The notifier itself: who is sent what at the moment, and what is done with the outcome."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from monitor.errors import StoreError
from monitor.model import Clock
from monitor.notifier.health import Health
from monitor.notifier.outbox import Delivery, Ledger, Store
from monitor.notifier.pace import LONGEST, Pace, wait_for
from monitor.notifier.sending import Sending
from monitor.notifier.steps import Steps
from monitor.notifier.wording import Message, in_brief, own_fault, refusing, worded
from monitor.receivers import Delivered, Refused

log = logging.getLogger(__name__)

Job = Callable[[Ledger], object]

# A fault of our own is told at most this often, and after it reached nobody not before this.
FAULT_EVERY = timedelta(hours=1)
FAULT_AGAIN_AFTER = timedelta(minutes=1)


class Notifier:
    """Sends what the outbox holds: one message at a time to each receiver, several receivers at once.

    `receivers` maps names to Apprise URLs. `chance` gives numbers in [0, 1) for the jitter.
    """

    def __init__(
        self,
        store: Store,
        receivers: Mapping[str, str],
        clock: Clock,
        pace: Pace | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._sending = Sending(receivers, pace or Pace())
        self._health: dict[str, Health] = {}
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._beside: set[asyncio.Task[None]] = set()
        self._unmarked: list[Job] = []
        self._claiming = asyncio.Lock()
        self._fault_not_before: float | None = None
        self._steps = Steps()
        self._is_stopping = False

    @property
    def health(self) -> Mapping[str, Health]:
        """How each receiver of the configuration does."""
        return {name: self._health_of(name) for name in self._sending.receivers}

    @property
    def is_sending(self) -> bool:
        """Whether a delivery is under way."""
        return self._sending.is_under_way

    async def start(self) -> None:
        """Put the outbox in order after whatever ended the last run; raises StoreError."""
        await self._store.writer.submit(lambda ledger: ledger.requeue_sending())
        await self._store.writer.submit(self._take_receivers)

    async def next_at(self) -> datetime | None:
        """Return when the next row that waits is due, None where none waits; raises StoreError."""
        names = [*self._sending.receivers]
        return await self._store.writer.submit(lambda ledger: ledger.next_delivery_at(names))

    async def drain(self, now: datetime) -> None:
        """Claim what is due and begin to send it; returns without waiting for any receiver.

        A database that refuses is told as our own fault.
        """
        async with self._claiming:
            if self._is_stopping:
                return
            self._steps.notice(now, self._clock.monotonic())
            try:
                await self._mark_what_was_left()
                rows = await self._claim(now)
            except StoreError as error:
                self.tell_own_fault(f"what waits cannot be sent: {error}")
                return
            by_receiver = sorted(rows, key=lambda row: (row.notification.receiver, row.attempts, row.id))
            for name, group in groupby(by_receiver, key=lambda row: row.notification.receiver):
                self._turns[name] = asyncio.create_task(self._take_turn(name, [*group]))

    async def settle(self) -> None:
        """Return once nothing is being sent."""
        while running := [*self._turns.values(), *self._beside]:
            await asyncio.wait(running)

    async def stop(self, grace_for: timedelta) -> None:
        """Let what is being sent end within the grace, kill the rest, and put its rows back."""
        self._is_stopping = True
        if running := [*self._turns.values(), *self._beside]:
            await asyncio.wait(running, timeout=grace_for.total_seconds())
        self._sending.end()
        await self.settle()
        try:
            async with self._claiming:
                await self._mark_what_was_left()
                await self._store.writer.submit(lambda ledger: ledger.requeue_sending())
        except StoreError as error:
            # They stay `sending`, which the next start queues again.
            log.error("the outbox could not be put in order: %s", error)  # noqa: TRY400 it says it all

    async def use(self, receivers: Mapping[str, str], pace: Pace | None = None) -> None:
        """Take these receivers from now on: rows of removed ones are dropped, all others are due at once.

        `at_once` of the pace stays as it was. Where the database refuses, that is our own fault, and the rows
        are put in order by the next drain that it lets through.
        """
        before = self._sending.receivers
        self._sending.receivers = dict(receivers)
        self._sending.pace = pace or self._sending.pace
        for name in {*self._health} - {*receivers}:
            del self._health[name]
        for name, health in self._health.items():
            if receivers[name] != before.get(name) or health.looks_final:
                self._health[name] = replace(health.mended(), others_told_at=None)
        try:
            await self._store.writer.submit(self._take_receivers)
        except StoreError as error:
            self._unmarked.append(self._take_receivers)
            self.tell_own_fault(f"the outbox cannot be put in order for the new receivers: {error}")

    def tell_own_fault(self, sentence: str) -> bool:
        """Tell everybody, straight from memory and at most hourly, what is wrong with ourselves.

        Returns whether it is told, and logged, this time.
        """
        at = self._clock.monotonic()
        if self._is_stopping or (self._fault_not_before is not None and at < self._fault_not_before):
            return False
        self._fault_not_before = at + FAULT_EVERY.total_seconds()
        log.error("our own fault: %s", sentence)
        self._do_beside(self._tell_fault(sentence))
        return True

    # --- one receiver's turn -------------------------------------------------------------------

    async def _claim(self, now: datetime) -> Sequence[Delivery]:
        idle = [
            name for name in self._sending.receivers if name not in self._turns and self._may_be_asked(name)
        ]
        if not idle:
            return ()
        return await self._store.writer.submit(lambda ledger: ledger.claim(now, idle))

    async def _take_turn(self, name: str, rows: Sequence[Delivery]) -> None:
        try:
            await self._send_all(name, rows)
        except Exception as error:  # noqa: BLE001 a defect of ours must be seen, and leave no row behind
            self.tell_own_fault(f"the turn of receiver {name} ended with {type(error).__name__}")
            ids, next_at = [row.id for row in rows], self._clock.now() + LONGEST
            await self._mark(lambda ledger: ledger.postpone(ids, next_at))
        finally:
            del self._turns[name]

    async def _send_all(self, name: str, rows: Sequence[Delivery]) -> None:
        grouped = len(rows) > self._sending.pace.group_over
        messages = [sorted(rows, key=lambda row: row.id)] if grouped else [[row] for row in rows]
        for place, message in enumerate(messages, start=1):
            worded_as = worded([row.notification for row in message])
            outcome = await self._sending.hand_over(name, worded_as, self._health_of(name))
            if outcome is None:
                return
            if isinstance(outcome, Refused):
                behind = [row for rest in messages[place:] for row in rest]
                await self._failed(name, message, behind, outcome)
                return
            await self._delivered(name, message)

    async def _delivered(self, name: str, message: Sequence[Delivery]) -> None:
        before, now = self._health_of(name), self._clock.now()
        self._health[name] = before.after_delivery()
        ids = [row.id for row in message]
        log.info("receiver %s: told of %s", name, in_brief([row.notification for row in message]))

        def job(ledger: Ledger) -> None:
            ledger.mark_delivered(ids, now)
            if before.failures:
                ledger.hurry([name], now)

        await self._mark(job)

    async def _failed(
        self, name: str, tried: Sequence[Delivery], behind: Sequence[Delivery], refused: Refused
    ) -> None:
        """Put the rows back. Those behind wait as long but go first next time: the tried may be to blame."""
        now, pace = self._clock.now(), self._sending.pace
        health = self._health_of(name).after_refusal(refused, now)
        tried_for = {row.id: self._steps.gone_for(row.first_attempt_at, now) for row in tried}
        old = [id_ for id_, span in tried_for.items() if span >= pace.give_up_after]
        again = [id_ for id_ in tried_for if id_ not in old]
        self._health[name] = replace(health, undelivered=health.undelivered + len(old))
        failures = max(health.failures, *(row.attempts + 1 for row in tried))
        next_at = now + wait_for(refused, failures, max(tried_for.values()), self._chance())
        log.warning("receiver %s: %s; tried again at %s", name, refused.sentence, f"{next_at:%d %b %H:%M:%S}")
        if old:
            gone = in_brief([row.notification for row in tried if row.id in old])
            log.error("receiver %s: given up on %s, tried for %s", name, gone, pace.give_up_after)

        def job(ledger: Ledger) -> None:
            ledger.mark_failed(again, now, refused.sentence, next_at)
            ledger.mark_undelivered(old, now, refused.sentence)
            ledger.postpone([row.id for row in behind], next_at)

        await self._mark(job)
        if health.is_for_others(now):
            self._health[name] = replace(self._health_of(name), others_told_at=now)
            self._do_beside(self._tell_others(name, refused.sentence))

    # --- the store -----------------------------------------------------------------------------

    async def _mark(self, job: Job) -> None:
        """Write down what came of a delivery; where the database refuses, the next drain does it first."""
        try:
            await self._store.writer.submit(job)
        except StoreError as error:
            self._unmarked.append(job)
            self.tell_own_fault(f"a delivery cannot be recorded: {error}")

    async def _mark_what_was_left(self) -> None:
        while self._unmarked:
            await self._store.writer.submit(self._unmarked[0])
            del self._unmarked[0]

    def _take_receivers(self, ledger: Ledger) -> None:
        # Those of now: it may be done long after the reload that asked for it, and after another one.
        names = [*self._sending.receivers]
        ledger.drop_receivers_except(names)
        ledger.hurry(names, self._clock.now())

    def _may_be_asked(self, name: str) -> bool:
        return self._health_of(name).may_be_asked(self._clock.now())

    def _health_of(self, name: str) -> Health:
        return self._health.get(name, Health())

    # --- beside the outbox ---------------------------------------------------------------------

    def _do_beside(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _tell_fault(self, sentence: str) -> None:
        if not await self._tell(self._sending.receivers, own_fault(sentence)):
            self._fault_not_before = self._clock.monotonic() + FAULT_AGAIN_AFTER.total_seconds()

    async def _tell_others(self, name: str, sentence: str) -> None:
        others = [other for other in self._sending.receivers if other != name]
        if others and not await self._tell(others, refusing(name, sentence)) and name in self._health:
            self._health[name] = replace(self._health[name], others_told_at=None)

    async def _tell(self, names: Collection[str], message: Message) -> int:
        """Return how many took it; whoever has asked us to stay away is left alone."""
        outcomes = await asyncio.gather(
            *(
                self._sending.hand_over(
                    name, message, self._health_of(name), is_wanted=partial(self._may_be_asked, name)
                )
                for name in names
            )
        )
        for name, outcome in zip(names, outcomes, strict=True):
            if isinstance(outcome, Refused):
                log.warning("receiver %s: %s", name, outcome.sentence)
                self._health[name] = self._health_of(name).after_wish(outcome, self._clock.now())
        return sum(isinstance(outcome, Delivered) for outcome in outcomes)

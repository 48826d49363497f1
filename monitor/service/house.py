"""The rooms at work: what is due is looked at, recorded and told. `tick` is the seam."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from monitor import detector
from monitor.config import Config
from monitor.detector import Ask
from monitor.errors import StoreError
from monitor.fetcher import Freshness
from monitor.model import Clock, Event, Observation, Side, Target, TargetState
from monitor.notifier import Notifier
from monitor.poller import Poller, Recorded, Telling, is_firing, keep_sight, record, tell_all
from monitor.scheduler import Agenda
from monitor.service.adopting import adopt, rules_of
from monitor.service.faults import Faults
from monitor.service.sight import Sight
from monitor.service.watch import Look, Watch
from monitor.store import Store

log = logging.getLogger(__name__)

# What is told is decided from levels; a look at all of them this often heals whatever was missed.
TELL_EVERY = timedelta(seconds=15)
MOST_LOOKS = 200
# The steady clock and the wall part by this much only when somebody sets one, or the machine slept.
STEP_SECONDS = 2.0


class House:
    """All targets of one configuration, watched.

    `tick(now)` begins what is due and returns at once; `settle()` returns once nothing is under way. `chance`
    gives numbers in [0, 1) for the jitter.
    """

    def __init__(
        self,
        *,
        config: Config,
        store: Store,
        poller: Poller,
        notifier: Notifier,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.config = config
        self.store = store
        self.notifier = notifier
        self.faults = Faults(notifier.tell_own_fault)
        self.watches: dict[str, Watch] = {}
        self.ticks = 0
        self._poller = poller
        self._clock = clock
        self._chance = chance
        self._telling = telling_of(config)
        self.sight = Sight()
        self._looks: Agenda[Look] = Agenda()
        self._wakes: Agenda[str] = Agenda()
        self._tells: Agenda[str] = Agenda()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self._offset: float | None = None
        self._tell_all_at = float("-inf")
        self._started_at = clock.now()
        self._stopping = False

    # --- the seam ------------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """Begin what is due: looks by the steady clock, deadlines by the wall."""
        self.ticks += 1
        monotonic = self._clock.monotonic()
        if self._has_stepped(now, monotonic):
            self.wake_all(now)
        for name, side in self._looks.take(monotonic, MOST_LOOKS - self._in_flight):
            self._begin_look(name, side)
        for name in self._wakes.take(now.timestamp()):
            self._spawn(self._wake(name))
        told = list(self._tells.take(now.timestamp()))
        if told or self._tells_all(monotonic):
            self._tell_all_at = monotonic + TELL_EVERY.total_seconds()
            self._spawn(self._tell_all())

    async def settle(self) -> None:
        """Return once no look, record or telling is under way; deliveries are the notifier's."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    @property
    def is_first_round_done(self) -> bool:
        """Whether every side of every target has been looked at since the start."""
        return all(len(watch.seen) == len(Side) for watch in self.watches.values())

    @property
    def next_at(self) -> datetime | None:
        """The next instant at which a tick has something to do, for clocks that are moved by hand."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        waits = [
            at - now.timestamp() for at in (self._wakes.first_at(), self._tells.first_at()) if at is not None
        ]
        look_at = self._looks.first_at()
        if look_at is not None:
            waits.append(look_at - monotonic)
        return now + timedelta(seconds=max(min(waits), 0.0)) if waits else None

    # --- who is watched ------------------------------------------------------------------------

    def watch(self, target: Target, state: TargetState) -> None:
        """Begin to watch this target, remembering this; both sides are due at once."""
        state = adopt(state, target, self._clock.now())
        watch = Watch(target=target, rules=rules_of(target, state, self._started_at), state=state)
        self.watches[target.name] = watch
        for side in Side:
            self._looks.put((target.name, side), self._clock.monotonic())
        self._wakes.put(target.name, self._clock.now().timestamp())

    async def unwatch(self, name: str) -> TargetState:
        """Stop watching, and return what is remembered; a look that is under way comes to nothing."""
        watch = self.watches.pop(name)
        for side in Side:
            self._looks.drop((name, side))
        self._wakes.drop(name)
        self._poller.forget(name)
        async with watch.lock:
            return watch.state

    def use(self, config: Config) -> None:
        """Take routes, receivers and links from this configuration; the targets are `reload`'s business."""
        self.config = config
        self._telling = telling_of(config)
        self._tell_all_at = float("-inf")

    def begin_at(self, now: datetime) -> None:
        """Treat this instant as a start: nothing fires before a good look at both sides."""
        self._started_at = now
        for watch in self.watches.values():
            watch.rules = replace(watch.rules, started_at=now)

    @property
    def telling(self) -> Telling:
        """Who is told of what."""
        return self._telling

    # --- looking -------------------------------------------------------------------------------

    def look_now(self, name: str, side: Side, ask: Ask | None = None) -> None:
        """Look at this side at once, after the look that is under way if there is one."""
        watch = self.watches.get(name)
        if watch is None:
            return
        if side in watch.looking:
            wanted = watch.wanted.get(side)
            if wanted is None or not wanted.confirm:
                watch.wanted[side] = ask or Ask(side=side, confirm=False)
            return
        self._begin_look(name, side, ask or Ask(side=side, confirm=False))

    def _begin_look(self, name: str, side: Side, ask: Ask | None = None) -> None:
        watch = self.watches.get(name)
        if watch is None or self._stopping:
            return
        if side in watch.looking:
            return
        watch.looking.add(side)
        self._in_flight += 1
        self._spawn(self._look(watch, side, ask))

    async def _look(self, watch: Watch, side: Side, ask: Ask | None) -> None:
        try:
            observation = await self._poller.look(
                watch.target,
                side,
                Freshness.CONDITIONAL if ask is None else Freshness.UNCONDITIONAL,
                confirm=ask is not None and ask.confirm,
            )
            await self._record(watch, observation)
        finally:
            self._in_flight -= 1
            watch.seen.add(side)
            watch.looking.discard(side)
            self._look_again(watch, side)

    def _look_again(self, watch: Watch, side: Side) -> None:
        name = watch.target.name
        if self.watches.get(name) is not watch:
            return
        interval = watch.target.interval.total_seconds()
        spread = 1 + self.config.daemon.jitter * (2 * self._chance() - 1)
        self._looks.put((name, side), self._clock.monotonic() + interval * spread)
        wanted = watch.wanted.pop(side, None)
        if wanted is not None:
            self._begin_look(name, side, wanted)

    # --- recording -----------------------------------------------------------------------------

    async def _wake(self, name: str) -> None:
        watch = self.watches.get(name)
        if watch is not None:
            await self._record(watch, None)

    async def _record(self, watch: Watch, observation: Observation | None) -> None:
        async with watch.lock:
            if self.watches.get(watch.target.name) is not watch:
                return
            now = self._clock.now() if observation is None else observation.at
            job = partial(
                record,
                before=watch.state,
                observation=observation,
                now=now,
                rules=replace(watch.rules, is_blind=self.sight.is_blind),
                telling=self._telling,
                drifting=self.drifting(watch.target.name),
            )
            try:
                recorded = await self.store.writer.submit(job)
            except StoreError as error:
                self.faults.store(error)
                return
            self.faults.store_is_well()
            watch.state = recorded.state
        log_events(recorded.events)
        if observation is not None:
            watch.recorded.add(observation.side)
            await self._see(observation)
        self._arm(watch, recorded)

    def _arm(self, watch: Watch, recorded: Recorded) -> None:
        name = watch.target.name
        if not recorded.touched:
            _put(self._wakes, name, recorded.next_at)
            _put(self._tells, name, recorded.tell_at)
        for ask in recorded.asks:
            self.look_now(name, ask.side, ask)

    def drifting(self, but: str) -> tuple[str, ...]:
        """Return the names of the other targets that have an alert firing."""
        return tuple(
            name
            for name, watch in self.watches.items()
            if name != but and any(is_firing(alert) for alert in watch.state.alerts)
        )

    # --- telling -------------------------------------------------------------------------------

    def _tells_all(self, monotonic: float) -> bool:
        return monotonic >= self._tell_all_at or self.store.foreign_changes()

    async def _tell_all(self) -> None:
        now = self._clock.now()
        try:
            due = await self.store.writer.submit(partial(tell_all, telling=self._telling, now=now))
        except StoreError as error:
            self.faults.store(error)
            return
        for name, tell_at in due.items():
            _put(self._tells, name, tell_at)

    # --- clocks and sight ----------------------------------------------------------------------

    def wake_all(self, now: datetime) -> None:
        """Judge every target anew: the clock was set, the machine slept, or we see again."""
        for name in self.watches:
            self._wakes.put(name, now.timestamp())

    def _has_stepped(self, now: datetime, monotonic: float) -> bool:
        offset = now.timestamp() - monotonic
        before, self._offset = self._offset, offset
        return before is not None and abs(offset - before) > STEP_SECONDS

    async def _see(self, observation: Observation) -> None:
        """Note what a look says of our own sight; its loss and its return concern every target."""
        self.sight.note(observation)
        step = self.sight.judged(observation.at, self.config.policy)
        if step.state == self.sight.state:
            return
        blind_since = self.sight.blind_since
        before, self.sight.state = self.sight.state, step.state
        job = partial(keep_sight, step=step, before=before, now=observation.at, telling=self._telling)
        try:
            self.sight.state = await self.store.writer.submit(job)
        except StoreError as error:
            self.faults.store(error)
        if blind_since is not None and not self.sight.is_blind:
            await self._see_again(blind_since, observation.at)

    async def _see_again(self, blind_since: datetime, now: datetime) -> None:
        """Treat the end of blindness as a start."""
        self.begin_at(now)
        for watch in tuple(self.watches.values()):
            async with watch.lock:
                watch.state = detector.resumed(watch.state, blind_since, now)
        self.wake_all(now)

    # --- tasks ---------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("unexpected failure", exc_info=error)
            self.faults.unexpected(error)

    async def stop(self) -> None:
        """Begin nothing more, and give up the looks that are under way."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))


def log_events(events: Iterable[Event]) -> None:
    """Write each edge in an alert's life to the log."""
    for event in events:
        which = "" if event.alert_id is None else f" (alert {event.alert_id})"
        check = "" if event.check is None else f"{event.check.value} "
        log.info("%s: %s%s%s: %s", event.target, check, event.kind.value, which, event.sentence)


def telling_of(config: Config) -> Telling:
    """Return who is told of what by this configuration."""
    return Telling(
        targets=config.targets,
        routes=config.routes,
        receivers=tuple(config.receivers),
        public_url=config.daemon.public_url,
    )


def _put(agenda: Agenda[str], name: str, at: datetime | None) -> None:
    if at is None:
        agenda.drop(name)
    else:
        agenda.put(name, at.timestamp())

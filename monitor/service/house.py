"""The rooms at work: what is due is looked at, recorded and told. `tick` is the seam."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from monitor import detector
from monitor.clock import Steps
from monitor.config import Config
from monitor.detector import Ask
from monitor.errors import StoreError
from monitor.fetcher import Freshness
from monitor.model import Clock, Observation, Side, Target, TargetState
from monitor.notifier import Notifier
from monitor.poller import Poller, Recorded, record
from monitor.scheduler import Agenda
from monitor.service.adopting import adopt, rules_of
from monitor.service.drifting import Drifting
from monitor.service.errands import Errands
from monitor.service.faults import Faults
from monitor.service.seeing import see
from monitor.service.sight import Sight
from monitor.service.tally import Tally
from monitor.service.telling import Teller, log_events
from monitor.service.watch import Look, Watch
from monitor.store import Store

log = logging.getLogger(__name__)

MOST_LOOKS = 200
# The steady clock and the wall part by this much only when somebody sets one, or the machine slept.
STEP = timedelta(seconds=2)
# What the database refused is done again after this, however long the interval: a deadline, a look.
AGAIN_AFTER = timedelta(seconds=15)
LOOK_AGAIN_AFTER = timedelta(minutes=5)


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
        self.faults = Faults(notifier.tell_own_fault, clock)
        self.teller = Teller(store, self.faults, config)
        self.sight = Sight()
        self.watches: dict[str, Watch] = {}
        self.tally = Tally()
        self.ticks = 0
        self.ticked_at: datetime | None = None
        self._poller = poller
        self._clock = clock
        self._chance = chance
        self._looks: Agenda[Look] = Agenda()
        self._wakes: Agenda[str] = Agenda()
        self.drifting = Drifting()
        self._errands = Errands(self.faults.unexpected)
        self._in_flight = 0
        self._steps = Steps(STEP)
        self._started_at = clock.now()
        self._has_looked = False
        self._stopping = False

    # --- the seam ------------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        """Begin what is due: looks by the steady clock, deadlines by the wall."""
        self.ticks += 1
        self.ticked_at = now
        monotonic = self._clock.monotonic()
        if self._steps.moved_for(now, monotonic):
            self.wake_all(now)
        for name, side in self._looks.take(monotonic, max(MOST_LOOKS - self._in_flight, 0)):
            self._begin_look(name, side)
        for name in self._wakes.take(now.timestamp()):
            self._errands.begin(self._wake(name))
        # What was told before the start may be over: nobody is told again before it has been looked at.
        if self.has_looked() and self.teller.is_due(now, monotonic):
            self._errands.begin(self.teller.tell(now))

    async def settle(self) -> None:
        """Return once no look, record or telling is under way; deliveries are the notifier's."""
        await self._errands.settle()

    def has_looked(self) -> bool:
        """Return whether every side of every target was looked at since the start; once true it stays so."""
        self._has_looked = self._has_looked or all(
            len(watch.seen) == len(Side) for watch in self.watches.values()
        )
        return self._has_looked

    @property
    def next_at(self) -> datetime | None:
        """The next instant at which a tick has something to do, for clocks that are moved by hand."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        deadlines = (self._wakes.first_at(), self.teller.first_at())
        waits = [at - now.timestamp() for at in deadlines if at is not None]
        look_at = self._looks.first_at()
        if look_at is not None:
            waits.append(look_at - monotonic)
        return now + timedelta(seconds=max(min(waits), 0.0)) if waits else None

    def next_looks(self, now: datetime) -> dict[Look, datetime]:
        """Return when each side is looked at next; one that is being looked at is not in it."""
        monotonic = self._clock.monotonic()
        return {look: now + timedelta(seconds=max(at - monotonic, 0.0)) for look, at in self._looks.items()}

    # --- who is watched ------------------------------------------------------------------------

    def watch(self, target: Target, state: TargetState, due: Mapping[Side, float] | None = None) -> None:
        """Watch this target, remembering this.

        `due` is when its sides are looked at (monotonic seconds); one that is missing there, or that is
        unknown under its new configuration, is due at once.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        state = adopt(state, target, now)
        watch = Watch(target=target, rules=rules_of(target, state, self._started_at), state=state)
        self.watches[target.name] = watch
        self.drifting.note(state)
        for side in Side:
            known_at = None if due is None or state.side(side).looked_at is None else due.get(side)
            if known_at is None:
                self._looks.put((target.name, side), monotonic)
            else:
                watch.seen.add(side)
                self._looks.put((target.name, side), known_at)
        self._wakes.put(target.name, now.timestamp())

    async def unwatch(self, name: str) -> tuple[TargetState, dict[Side, float]]:
        """Stop watching; return what is remembered, and when the sides would have been looked at next.

        A look that is under way comes to nothing.
        """
        watch = self.watches.pop(name)
        due = {side: at for side in Side if (at := self._looks.at((name, side))) is not None}
        for side in Side:
            self._looks.drop((name, side))
        self._wakes.drop(name)
        self.drifting.forget(name)
        self._poller.forget(name)
        async with watch.lock:
            return watch.state, due

    def use(self, config: Config) -> None:
        """Go by this configuration; the targets are `moving`'s business."""
        self.config = config
        self.teller.use(config)
        self.sight.forget_hosts()

    # --- looking -------------------------------------------------------------------------------

    def look_now(self, name: str, side: Side, ask: Ask | None = None) -> None:
        """Look at this side past every cache: at once, or after the look that is under way."""
        watch = self.watches.get(name)
        if watch is None:
            return
        ask = ask or Ask(side=side, confirm=False)
        if side not in watch.looking:
            self._begin_look(name, side, ask)
        elif side not in watch.wanted or ask.confirm:
            watch.wanted[side] = ask

    def _begin_look(self, name: str, side: Side, ask: Ask | None = None) -> None:
        watch = self.watches.get(name)
        if watch is None or self._stopping or side in watch.looking:
            return
        watch.looking.add(side)
        self._in_flight += 1
        self._errands.begin(self._look(watch, side, ask))

    async def _look(self, watch: Watch, side: Side, ask: Ask | None) -> None:
        is_recorded = True
        try:
            freshness = Freshness.CONDITIONAL if ask is None else Freshness.UNCONDITIONAL
            confirm = ask is not None and ask.confirm
            observation = await self._poller.look(watch.target, side, freshness, confirm=confirm)
            is_recorded = await self._record(watch, observation)
        finally:
            self._in_flight -= 1
            watch.looking.discard(side)
            watch.seen.add(side)
            self._look_again(watch, side, ask, watch.target.interval if is_recorded else LOOK_AGAIN_AFTER)

    def _look_again(self, watch: Watch, side: Side, ask: Ask | None, within: timedelta) -> None:
        name = watch.target.name
        if self.watches.get(name) is not watch:
            return
        # A look that was asked for between two polls moves none of them.
        if ask is None or self._looks.at((name, side)) is None:
            interval = min(watch.target.interval, within).total_seconds()
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

    async def _record(self, watch: Watch, observation: Observation | None) -> bool:
        """Record a look, or that time has passed; returns whether the database took it."""
        async with watch.lock:
            if self.watches.get(watch.target.name) is not watch:
                return True
            job = partial(
                record,
                before=watch.state,
                observation=observation,
                now=self._clock.now() if observation is None else observation.at,
                rules=watch.rules_now(self.sight),
                telling=self.teller.telling,
                drifting=self.drifting.but(watch.target.name),
            )
            try:
                recorded = await self.store.writer.submit(job)
            except StoreError as error:
                self.faults.store(error)
                if observation is None:
                    again_at = (self._clock.now() + AGAIN_AFTER).timestamp()
                    known_at = self._wakes.at(watch.target.name)
                    self._wakes.put(watch.target.name, min(known_at or again_at, again_at))
                return False
            self.faults.store_is_well()
            watch.state = recorded.state
            if not recorded.touched:
                self.drifting.note(recorded.state)
        log_events(recorded.events)
        self._arm(watch, recorded)
        if observation is not None:
            watch.recorded.add(observation.side)
            self.tally.note(observation)
            await self._see(observation)
        return True

    def _arm(self, watch: Watch, recorded: Recorded) -> None:
        name = watch.target.name
        if not recorded.touched:
            if recorded.next_at is None:
                self._wakes.drop(name)
            else:
                self._wakes.put(name, recorded.next_at.timestamp())
            self.teller.arm(name, recorded.tell_at)
        for ask in recorded.asks:
            self.look_now(name, ask.side, ask)

    # --- clocks and sight ----------------------------------------------------------------------

    def wake_all(self, now: datetime) -> None:
        """Judge every target anew: the clock was set, the machine slept, or we see again."""
        for name in self.watches:
            self._wakes.put(name, now.timestamp())

    async def _see(self, observation: Observation) -> None:
        """Treat the end of our blindness as a start: nothing fires before a good look at both sides."""
        blind_since = await see(
            self.sight,
            observation,
            policy=self.config.policy,
            store=self.store,
            teller=self.teller,
            faults=self.faults,
        )
        if blind_since is None:
            return
        now = self._started_at = observation.at
        for watch in tuple(self.watches.values()):
            async with watch.lock:
                watch.rules = replace(watch.rules, started_at=now)
                watch.state = detector.resumed(watch.state, blind_since, now)
        self.wake_all(now)

    async def stop(self) -> None:
        """Begin nothing more, and give up the looks that are under way."""
        self._stopping = True
        await self._errands.cancel()

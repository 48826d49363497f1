"""Take a configuration into the house, at the start and at a reload."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from monitor import detector
from monitor.config import Config
from monitor.errors import StoreError
from monitor.model import Side, Target, TargetState
from monitor.poller import Telling, keep
from monitor.service.house import House
from monitor.service.sight import NAME
from monitor.service.telling import telling_of
from monitor.store import Ledger

NEVER: Mapping[str, Mapping[Side, float]] = {}


async def move_in(house: House, now: datetime, down_from_at: datetime | None) -> None:
    """Watch all targets of the configuration, each with what is remembered of it.

    `down_from_at` is when the run before ended, None where there was none: that time excuses silence of ours.
    """
    states = dict(await house.store.writer.submit(lambda ledger: ledger.states()))
    blind = states.pop(NAME, None)
    if blind is not None:
        house.sight.state = blind
    if down_from_at is not None:
        states = {name: detector.resumed(state, down_from_at, now) for name, state in states.items()}
    await _arrange(house, house.config, states, now)


async def take_over(house: House, config: Config, now: datetime) -> None:
    """Put this configuration in force: what has not changed goes on undisturbed.

    Raises StoreError where the database refuses it, and then the old one goes on as it was.
    """
    states = {name: watch.state for name, watch in house.watches.items()}
    due: dict[str, Mapping[Side, float]] = {}
    left: dict[str, Target] = {}
    for name, watch in list(house.watches.items()):
        if config.targets.get(name) != watch.target:
            left[name] = watch.target
            states[name], due[name] = await house.unwatch(name)
    try:
        await _arrange(house, config, states, now, due)
    except StoreError:
        for name, target in left.items():
            house.watch(target, states[name], due[name])
        raise


async def _arrange(
    house: House,
    config: Config,
    known: Mapping[str, TargetState],
    now: datetime,
    due: Mapping[str, Mapping[Side, float]] = NEVER,
) -> None:
    states = dict(known)
    jobs: list[Callable[[Ledger], None]] = []
    for target in config.targets.values():
        if target.was in states and target.was not in config.targets and target.name not in states:
            before = states.pop(target.was)
            states[target.name] = detector.renamed(before, target.name)
            jobs.append(partial(_renamed, before=before, after=states[target.name]))
    gone = [states.pop(name) for name in [*states] if name not in config.targets]
    jobs += [partial(_dropped, state=state, now=now, telling=telling_of(config)) for state in gone]
    if jobs:
        # All of it or nothing: a target that is half moved would be watched under neither configuration.
        await house.store.writer.submit(partial(_done, jobs=jobs))
    house.use(config)
    for target in config.targets.values():
        if target.name not in house.watches:
            state = states.get(target.name) or TargetState(target=target.name)
            house.watch(target, state, due.get(target.name, due.get(target.was or "")))


def _done(ledger: Ledger, *, jobs: Sequence[Callable[[Ledger], None]]) -> None:
    for job in jobs:
        job(ledger)


def _renamed(ledger: Ledger, *, before: TargetState, after: TargetState) -> None:
    ledger.rename(before.target, after.target)
    ledger.save(after, None)
    ledger.save_alerts([alert for alert in after.alerts if alert.id is not None])


def _dropped(ledger: Ledger, *, state: TargetState, now: datetime, telling: Telling) -> None:
    keep(ledger, detector.dropped(state, now), before=state, now=now, telling=telling)
    ledger.retire(state.target)

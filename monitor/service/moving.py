"""Take a configuration into the house, at the start and at a reload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from monitor import detector
from monitor.config import Config
from monitor.model import Side, TargetState
from monitor.poller import Telling, keep
from monitor.service.house import House
from monitor.service.sight import NAME
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
    """Put this configuration in force: what has not changed goes on undisturbed."""
    states = {name: watch.state for name, watch in house.watches.items()}
    due: dict[str, Mapping[Side, float]] = {}
    for name, watch in list(house.watches.items()):
        if config.targets.get(name) != watch.target:
            states[name], due[name] = await house.unwatch(name)
    house.use(config)
    await _arrange(house, config, states, now, due)


async def _arrange(
    house: House,
    config: Config,
    known: Mapping[str, TargetState],
    now: datetime,
    due: Mapping[str, Mapping[Side, float]] = NEVER,
) -> None:
    states = dict(known)
    for target in config.targets.values():
        if target.was in states and target.was not in config.targets and target.name not in states:
            states[target.name] = await _rename(house, states.pop(target.was), target.name)
    for name in [name for name in states if name not in config.targets]:
        await _drop(house, states.pop(name), now)
    for target in config.targets.values():
        if target.name not in house.watches:
            state = states.get(target.name) or TargetState(target=target.name)
            house.watch(target, state, due.get(target.name, due.get(target.was or "")))


async def _rename(house: House, state: TargetState, name: str) -> TargetState:
    renamed = detector.renamed(state, name)
    await house.store.writer.submit(partial(_renamed, before=state, after=renamed))
    return renamed


def _renamed(ledger: Ledger, *, before: TargetState, after: TargetState) -> None:
    ledger.rename(before.target, after.target)
    ledger.save(after, None)
    ledger.save_alerts([alert for alert in after.alerts if alert.id is not None])


async def _drop(house: House, state: TargetState, now: datetime) -> None:
    await house.store.writer.submit(partial(_dropped, state=state, now=now, telling=house.teller.telling))


def _dropped(ledger: Ledger, *, state: TargetState, now: datetime, telling: Telling) -> None:
    keep(ledger, detector.dropped(state, now), before=state, now=now, telling=telling)
    ledger.retire(state.target)

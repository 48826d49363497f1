"""What a look says of our own sight; its loss and its return concern every target."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from monitor.errors import StoreError
from monitor.model import Observation, Policy
from monitor.poller import keep_sight
from monitor.service.faults import Faults
from monitor.service.sight import Sight
from monitor.service.telling import Teller, log_events
from monitor.store import Store


async def see(
    sight: Sight, observation: Observation, *, policy: Policy, store: Store, teller: Teller, faults: Faults
) -> datetime | None:
    """Note one look; where it begins or ends our blindness, record that and tell it once for all.

    Returns since when we were blind, where this look has ended it. What the database refuses has not
    happened, and is judged again at the next look.
    """
    sight.note(observation)
    async with sight.lock:
        if not sight.may_change(observation):
            return None
        return await _judged(sight, observation, policy=policy, store=store, teller=teller, faults=faults)


async def _judged(
    sight: Sight, observation: Observation, *, policy: Policy, store: Store, teller: Teller, faults: Faults
) -> datetime | None:
    now, before, blind_since = observation.at, sight.state, sight.blind_since
    step = sight.judged(now, policy)
    if step.state == before:
        return None
    try:
        sight.state = await store.writer.submit(
            partial(keep_sight, step=step, before=before, now=now, telling=teller.telling)
        )
    except StoreError as error:
        faults.store(error)
        return None
    log_events(step.events)
    return None if sight.is_blind else blind_since

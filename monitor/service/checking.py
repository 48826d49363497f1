"""Look now and judge without a memory: what `check` shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from monitor import detector
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.fetcher import Fetcher, MemoryCache, MemoryLimits, open_session
from monitor.model import (
    Alert,
    AlertState,
    CheckName,
    Clock,
    Document,
    Failure,
    Observation,
    Reason,
    Request,
    Rules,
    Side,
    Target,
    TargetState,
)
from monitor.poller import Poller
from monitor.service.rooms import hosts_of

# These count at once: there is no memory that could say how long it has been so.
AT_ONCE = frozenset({CheckName.MALFORMED, CheckName.UNLISTED})
COUNTED = AT_ONCE | {CheckName.BEHIND}


class Verdict(IntEnum):
    """What one look says; the value is the exit status."""

    IN_STEP = 0
    PAST = 1
    UNKNOWN = 3


@dataclass(slots=True, kw_only=True)
class Checked:
    """One target as it is now; `exchanges` is what was asked and what came, in order."""

    target: Target
    at: datetime
    verdict: Verdict
    state: TargetState
    observations: dict[Side, Observation]
    alerts: tuple[Alert, ...] = ()
    exchanges: list[tuple[Side, Request, Document]] = field(default_factory=list)

    @property
    def failures(self) -> dict[Side, Failure]:
        """The sides that could not be read, each with why."""
        return {
            side: observation.outcome
            for side, observation in self.observations.items()
            if isinstance(observation.outcome, Failure)
        }


async def check(config: Config, names: Sequence[str], clock: Clock | None = None) -> list[Checked]:
    """Return each of these targets (all where none is named) as a look shows it now, in the file's order."""
    clock = clock or SystemClock()
    exchanges: dict[str, list[tuple[Side, Request, Document]]] = {}

    def heard(name: str, side: Side, request: Request, document: Document) -> None:
        exchanges.setdefault(name, []).append((side, request, document))

    async with open_session() as session:
        fetcher = Fetcher(
            session,
            clock,
            config.credentials,
            MemoryCache(),
            MemoryLimits(),
            deadline_for=config.daemon.deadline_for,
            allowed_hosts=hosts_of(config),
        )
        poller = Poller(fetcher, clock, heard)
        targets = [target for target in config.targets.values() if not names or target.name in names]
        checked = await asyncio.gather(*(_checked(poller, target) for target in targets))
    for one in checked:
        one.exchanges = exchanges.get(one.target.name, [])
    return list(checked)


def status_of(checked: Sequence[Checked]) -> int:
    """Return the exit status: 1 beats 3, and 3 beats 0."""
    verdicts = {one.verdict for one in checked}
    return next((int(v) for v in (Verdict.PAST, Verdict.UNKNOWN) if v in verdicts), int(Verdict.IN_STEP))


async def _checked(poller: Poller, target: Target) -> Checked:
    looks = await asyncio.gather(*(poller.look(target, side) for side in Side))
    observations = {look.side: look for look in looks}
    at = max(look.at for look in looks)
    rules = Rules(target=target.name, policy=target.policy, interval=target.interval, second_look=False)
    state = TargetState(target=target.name)
    # The releases first: what the metadata names is then known to be listed, or not.
    for side in (Side.RELEASES, Side.METADATA):
        state = detector.step(state, observations[side], at, rules).state
    state = detector.step(state, None, at, rules).state
    alerts = tuple(alert for alert in state.alerts if alert.state in {AlertState.PENDING, AlertState.FIRING})
    return Checked(
        target=target,
        at=at,
        verdict=_verdict(alerts, observations),
        state=state,
        observations=observations,
        alerts=alerts,
    )


def _verdict(alerts: Sequence[Alert], observations: dict[Side, Observation]) -> Verdict:
    if any(
        alert.check in AT_ONCE or (alert.check in COUNTED and alert.state is AlertState.FIRING)
        for alert in alerts
    ):
        return Verdict.PAST
    if _is_malformed(observations[Side.METADATA]):
        return Verdict.PAST
    failed = any(isinstance(observation.outcome, Failure) for observation in observations.values())
    return Verdict.UNKNOWN if failed else Verdict.IN_STEP


def _is_malformed(observation: Observation) -> bool:
    outcome = observation.outcome
    return isinstance(outcome, Failure) and outcome.reason is Reason.MALFORMED

"""A daemon in short, for thousands of looks: the poller's own `record` on a real database, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor import detector
from monitor.config.durations import written
from monitor.detector import Ask
from monitor.model import Got, Marks, Observation, Policy, Rules, Side, TargetState
from monitor.poller import Telling, record
from monitor.store import Store
from tests.conftest import ManualClock
from tests.scenarios.world import World

Happening = Mapping[str, Any]
NAME = "project"
INTERVAL = timedelta(minutes=15)


class Daemon:
    """Looks every quarter of an hour while it is up and whenever the detector asks; wakes when it must."""

    def __init__(self, path: Path, policy: Policy) -> None:
        self.path = path
        self.policy = policy
        self.clock = ManualClock()
        self.world = World()
        self.world.happen({"publish": "1.0.0", "metadata": "1.0.0"}, self.clock.at)
        self.store: Store | None = None
        self.run_id = 0
        self.state = TargetState(target=NAME)
        self.rules = Rules(target=NAME, policy=policy, interval=INTERVAL)
        self.looks_at = self.clock.at
        self.wakes_at = None

    async def live(self, script: Sequence[tuple[int, Happening]]) -> None:
        """Let each of these happen so many minutes after the one before, and eight hours pass at the end."""
        await self.start()
        for wait, what in script:
            await self.pass_for(timedelta(minutes=wait))
            await self.happen(what)
        await self.pass_for(timedelta(hours=8))
        await self.stop()

    async def happen(self, what: Happening) -> None:
        if "daemon" in what:
            await (self.start() if what["daemon"] == "start" else self.stop())
        elif "threshold" in what:
            self.policy = replace(self.policy, threshold=timedelta(minutes=what["threshold"]))
            if self.store is not None:
                await self.reload()
        else:
            self.world.happen(what, self.clock.at)

    async def start(self) -> None:
        if self.store is not None:
            return
        self.store = Store.open(self.path, clock=self.clock)
        now, body = self.clock.at, self._body()
        begun = await self.store.writer.submit(
            lambda ledger: ledger.begin_run(now, pid=1, policy=body, policy_body=body)
        )
        self.run_id = begun.id
        states = await self.store.writer.submit(lambda ledger: ledger.states())
        self.state = states.get(NAME, TargetState(target=NAME))
        if begun.down_from_at is not None:
            self.state = detector.resumed(self.state, begun.down_from_at, now)
        self.rules = replace(self.rules, started_at=now)
        self.looks_at = now
        await self._adopt()

    async def stop(self) -> None:
        if self.store is None:
            return
        now, store = self.clock.at, self.store
        await store.writer.submit(lambda ledger: ledger.end_run(self.run_id, now))
        self.store = None
        store.close()

    async def reload(self) -> None:
        assert self.store is not None
        now, body = self.clock.at, self._body()
        await self.store.writer.submit(
            lambda ledger: ledger.config_loaded(
                self.run_id, now, sentence="reloaded", policy=body, policy_body=body
            )
        )
        await self._adopt()

    async def pass_for(self, span: timedelta) -> None:
        until = self.clock.at + span
        while self.store is not None:
            due = min(at for at in (self.looks_at, self.wakes_at, until) if at is not None)
            if due >= until:
                break
            self.clock.at = max(due, self.clock.at)
            if self.wakes_at is not None and self.wakes_at <= self.clock.at:
                await self._record(None)
            if self.looks_at <= self.clock.at:
                self.looks_at += INTERVAL
                for side in Side:
                    await self._look(side)
        self.clock.at = until

    async def _look(self, side: Side, ask: Ask | None = None) -> None:
        await self._record(
            Observation(
                target=NAME,
                side=side,
                at=self.clock.at,
                outcome=self.world.answer(side),
                got=Got(confirm=ask is not None and ask.confirm),
            )
        )

    async def _record(self, observation: Observation | None) -> None:
        assert self.store is not None
        before, now, rules = self.state, self.clock.at, self.rules
        recorded = await self.store.writer.submit(
            lambda ledger: record(
                ledger,
                before=before,
                observation=observation,
                now=now,
                rules=rules,
                telling=Telling(targets={}),
            )
        )
        self.state = recorded.state
        if not recorded.touched:
            self.wakes_at = recorded.next_at
        for ask in recorded.asks:
            await self._look(ask.side, ask)

    async def _adopt(self) -> None:
        marks = Marks(metadata="m", releases="r", scheme=self.policy.scheme, policy=repr(self.policy))
        self.state = detector.adopted(self.state, marks, self.clock.at)
        self.rules = replace(self.rules, policy=self.policy, policy_at=self.state.marks.policy_at)
        await self._record(None)

    def _body(self) -> str:
        """Return what is recorded of the configuration, by which a replay goes."""
        table = {
            "metadata": {},
            "releases": {},
            "interval": written(INTERVAL),
            "scheme": self.policy.scheme,
            "threshold": written(self.policy.threshold),
        }
        return json.dumps({NAME: table})

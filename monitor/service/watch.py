"""One target as the running house holds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from monitor.detector import Ask, is_firing
from monitor.model import Rules, Side, Target, TargetState
from monitor.service.sight import Sight

Look = tuple[str, Side]


@dataclass(slots=True, eq=False)
class Watch:
    """A target, what is remembered of it, and what is under way.

    `state` is what the database holds: it is replaced only after a commit. `lock` keeps one record at a time.
    `wanted` holds the look that a side is asked for next, while another one is under way. `recorded` are the
    sides of which something was recorded since the last heartbeat, `seen` since the start.
    """

    target: Target
    rules: Rules
    state: TargetState
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    looking: set[Side] = field(default_factory=set)
    wanted: dict[Side, Ask] = field(default_factory=dict)
    recorded: set[Side] = field(default_factory=set)
    seen: set[Side] = field(default_factory=set)

    def rules_now(self, sight: Sight) -> Rules:
        """Return the rules to judge by, which know whether we see anything at all."""
        if self.rules.is_blind is not sight.is_blind:
            self.rules = replace(self.rules, is_blind=sight.is_blind)
        return self.rules

    @property
    def is_alerting(self) -> bool:
        """Whether an alert of it fires."""
        return any(is_firing(alert) for alert in self.state.alerts)

"""One target as the running house holds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from monitor.detector import Ask
from monitor.model import Rules, Side, Target, TargetState

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

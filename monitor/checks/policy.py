"""When a policy lets something fire."""

from __future__ import annotations

from datetime import datetime

from monitor.model import Rules


def in_force_from(fires_at: datetime, rules: Rules, now: datetime) -> datetime:
    """Return the instant, or that of the policy's coming into force if it is later.

    A coming into force that lies ahead of us was noted by a clock that was wrong, and counts for nothing.
    """
    if rules.policy_at is None or rules.policy_at > now:
        return fires_at
    return max(fires_at, rules.policy_at)

"""When to try again, and when to give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from monitor.receivers import Refused

SHORTEST = timedelta(seconds=10)
LONGEST = timedelta(hours=1)
SELDOM = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the outbox is drained.

    More than `group_over` alerts that are due for one receiver go out as one message. `give_up_after` counts
    from the first attempt. At most `at_once` deliveries run, each a process of some 50 MB; of those at most
    half are for receivers whose last one failed, so that hanging receivers leave room for the others.
    """

    deadline_for: timedelta = timedelta(seconds=30)
    group_over: int = 3
    give_up_after: timedelta = timedelta(days=7)
    at_once: int = 6


def wait_for(refused: Refused, failures: int, failing_for: timedelta, chance: float) -> timedelta:
    """Return how long to stay away after this many failures in a row; `chance` in [0, 1) spreads it.

    Exponential from 10 s to 1 h. What looks final is tried every hour, after a day every day. A receiver that
    says when to come back is obeyed, up to a day.
    """
    if refused.looks_final:
        return SELDOM if failing_for >= SELDOM else LONGEST
    doubled = SHORTEST * 2.0 ** min(failures - 1, 20)
    own = min(max(doubled * (0.75 + chance / 2), SHORTEST), LONGEST)
    return max(own, min(refused.retry_after_for or timedelta(0), SELDOM))

"""What the house lets its pages do; they reach nothing else of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from monitor.config import DaemonConfig
from monitor.fetcher import Quota
from monitor.model import Clock, Document, Side, Target, TargetState
from monitor.status import Status
from monitor.store import Ledger, Reader

T = TypeVar("T")

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds, in seconds, of the classes by which the latency of looks is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Looks since the start.

    `looks` counts them by target, side and outcome. `latencies` has by side how many took at most so long, a
    count for each of BOUNDS and one for what took longer, and `took_for` how long all of them took.
    """

    looks: Mapping[tuple[str, str, str], int]
    latencies: Mapping[str, tuple[int, ...]]
    took_for: Mapping[str, timedelta]


class Hands(Protocol):
    """What the house may be asked, and asked to do."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def reader(self) -> Reader:
        """The history."""
        ...

    @property
    def settings(self) -> DaemonConfig:
        """What concerns the pages of the configuration in force."""
        ...

    @property
    def targets(self) -> Mapping[str, Target]:
        """What is watched."""
        ...

    def states(self) -> Mapping[str, TargetState]:
        """Return what is remembered of each target, as of now."""
        ...

    @property
    def ticks(self) -> int:
        """How often the house was woken; a picture is not older than the tick it was drawn after."""
        ...

    @property
    def counts(self) -> Counts:
        """What was counted since the start."""
        ...

    def held_hosts(self) -> dict[str, float]:
        """Return for how many seconds each host's rate limit keeps us away; 0 for those that did once."""
        ...

    def quotas(self) -> tuple[Quota, ...]:
        """Return how many questions each host still answers."""
        ...

    def sketch(self) -> Callable[[], Status]:
        """Take what only the loop may read; what is returned draws the picture in any thread.

        What is returned raises StoreError where the database cannot be read.
        """
        ...

    def configuration(self, name: str) -> str:
        """Return the configuration of this target in force, as TOML without secrets."""
        ...

    def document(self, name: str) -> Document | None:
        """Return the last good document of a target's metadata side; None where there is none."""
        ...

    def look(self, name: str, side: Side) -> None:
        """Look at this side past every cache, at once or after the look that is under way."""
        ...

    def write(self, job: Callable[[Ledger], T]) -> Awaitable[T]:
        """Run the job in a transaction; StoreError where the database refuses."""
        ...

    def tell(self) -> None:
        """Compare what fires with what was told at the next tick: an ack or a silence has changed it."""
        ...

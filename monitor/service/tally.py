"""Looks as they are counted since the start, for the metrics."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from datetime import timedelta

from monitor.model import Failure, Observation
from monitor.web.hands import BOUNDS


class Tally:
    """What came of all looks; `latencies` has by side a count for each of BOUNDS, and one above."""

    def __init__(self) -> None:
        self.looks: Counter[tuple[str, str, str]] = Counter()
        self.latencies: dict[str, list[int]] = {}
        self.took_for: dict[str, timedelta] = {}

    def note(self, observation: Observation) -> None:
        """Count one look."""
        outcome, side = observation.outcome, observation.side.value
        word = outcome.reason.value if isinstance(outcome, Failure) else "good"
        self.looks[observation.target, side, word] += 1
        took_for = observation.got.latency_for
        seconds = took_for.total_seconds()
        place = bisect_left(BOUNDS, seconds)
        self.latencies.setdefault(side, [0] * (len(BOUNDS) + 1))[place] += 1
        self.took_for[side] = self.took_for.get(side, timedelta(0)) + took_for

"""Steps of the clock: a boot at 1970 must not make a message seem to have been tried for decades."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor import clock

# By so much the clocks may part before it counts as a step.
STEP = timedelta(minutes=10)


class Steps:
    """Notices when the wall clock has jumped, by the one that never does."""

    def __init__(self) -> None:
        self._clocks = clock.Steps(STEP)
        self._stepped_at: datetime | None = None

    def notice(self, now: datetime, monotonic: float) -> None:
        """Take both clocks at one instant; to be called often."""
        if self._clocks.moved_for(now, monotonic):
            self._stepped_at = now

    def gone_for(self, since: datetime | None, now: datetime) -> timedelta:
        """Return how long that was ago, by the clock since its last step; None was just now."""
        if since is None:
            return timedelta(0)
        return now - (since if self._stepped_at is None else max(since, self._stepped_at))

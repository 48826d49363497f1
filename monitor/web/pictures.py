"""The one picture, drawn once for all who look at the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from monitor.status import Status
from monitor.web.hands import Hands

FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A status, and a number that no other picture of this run has.

    `digest` changes with anything that a page shows, but for how long ago it was.
    """

    status: Status
    number: int
    digest: str

    @property
    def shared(self) -> dict[str, Any]:
        """What every page that shows it is given."""
        return {"status": self.status, "now": self.status.generated_at, "digest": self.digest}


class Pictures:
    """Draws at most one picture a tick, in a thread: the loop has looks to make."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._lock = asyncio.Lock()
        self._last: Picture | None = None
        self._key: tuple[int, int] = (-1, -1)
        self._drawn_at = 0.0
        self._changes = 0
        self._number = 0

    def forget(self) -> None:
        """Draw anew for whoever asks next: something was written."""
        self._changes += 1

    async def now(self) -> Picture:
        """Return how everything stands, at most a second old.

        Raises:
            StoreError: the database cannot be read.
        """
        async with self._lock:
            last = self._fresh()
            if last is None:
                key = (self._hands.ticks, self._changes)
                status, digest = await asyncio.to_thread(_drawn, self._hands.sketch())
                self._number += 1
                last = self._last = Picture(status=status, number=self._number, digest=digest)
                self._key, self._drawn_at = key, self._hands.clock.monotonic()
            return last

    def _fresh(self) -> Picture | None:
        is_same = self._key == (self._hands.ticks, self._changes)
        age = self._hands.clock.monotonic() - self._drawn_at
        return self._last if is_same and 0 <= age < FRESH_SECONDS else None


def _drawn(draw: Callable[[], Status]) -> tuple[Status, str]:
    status = draw()
    return status, digest_of(status)


def digest_of(status: Status) -> str:
    """Return what changes with anything that a page shows, but for how long ago it was."""
    targets = [
        (
            target.name,
            target.word,
            target.severity,
            target.named,
            target.newest,
            target.missing,
            str(target.fires_at),
            target.alert_id,
            target.is_acked,
            target.is_silenced,
            target.metadata.look,
            target.releases.look,
        )
        for target in status.targets
    ]
    alerts = [(alert.id, alert.state, alert.held, len(alert.told)) for alert in status.alerts]
    receivers = [(one.name, one.queued, one.undelivered, one.delivered) for one in status.receivers]
    silences = [(silence.id, silence.is_active) for silence in status.silences]
    daemon = (status.daemon.faults, str(status.daemon.blind_since), status.daemon.config_problem)
    told = json.dumps([targets, alerts, receivers, silences, daemon])
    return blake2b(told.encode(), digest_size=8).hexdigest()

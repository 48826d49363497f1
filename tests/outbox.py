"""The outbox of a real store, filled by hand: what a notifier finds in it, and what has become of that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor.model import Clock, Notification, Severity, TellReason
from monitor.notifier import Notifier
from monitor.store import Delivery, Ledger, Store
from tests.servers.site import Site
from tests.telling import firing


class Outbox:
    """A database in this folder, opened like the daemon's."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.path = folder / "tagdrift.db"
        self._clock = clock
        self.store = Store.open(self.path, clock=clock)

    def reopen(self) -> None:
        """Close it and open it again, as a restart does."""
        self.store.close()
        self.store = Store.open(self.path, clock=self._clock)

    def take_away(self) -> None:
        """Move the file elsewhere: the store refuses."""
        self.path.rename(self.path.with_suffix(".away"))

    def bring_back(self) -> None:
        """Put it back: the store goes on."""
        self.path.with_suffix(".away").rename(self.path)

    async def add(self, receiver: str, *alert_ids: int, **changes: Any) -> None:
        """Queue a message about each of these alerts."""
        notifications = [self._about(receiver, alert_id, changes) for alert_id in alert_ids]

        def job(ledger: Ledger) -> None:
            ledger.save_alerts([firing(id=alert_id) for alert_id in alert_ids])
            ledger.queue(notifications)

        await self.store.writer.submit(job)

    def rows(self, receiver: str | None = None) -> Sequence[Delivery]:
        """Return all rows of this receiver, or of all, oldest first."""
        return self.store.reader.deliveries(receiver=receiver)[::-1]

    def states(self, receiver: str | None = None) -> list[str]:
        """Return the state of each of them."""
        return [row.state for row in self.rows(receiver)]

    def _about(self, receiver: str, alert_id: int, changes: dict[str, Any]) -> Notification:
        alert = firing(id=alert_id)
        fields: dict[str, Any] = {
            "alert_id": alert_id,
            "target": alert.target,
            "check": alert.check,
            "receiver": receiver,
            "reason": TellReason.FIRST,
            "severity": Severity.WARNING,
            "at": self._clock.now(),
            "title": f"alert {alert_id}",
            "body": "since 15:40",
        }
        return Notification(**(fields | changes))


def titles(site: Site, path: str = "/ops") -> list[str]:
    """Return the titles of the messages that came there, oldest first."""
    return [json.loads(asked.body)["title"] for asked in site.asked(path)]


async def drained(notifier: Notifier, clock: Clock) -> None:
    """Drain once, and wait until what was begun has ended."""
    await notifier.drain(clock.now())
    await notifier.settle()


def urls_of(site: Site, *names: str) -> dict[str, str]:
    """Return receivers that are paths of this site."""
    return {name: f"json://127.0.0.1:{site.port}/{name}" for name in names}

"""How one receiver does, for the status page, the metrics and the next attempt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.notifier.pace import SELDOM
from monitor.receivers import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What came of the deliveries to one receiver since the start.

    `failures` counts those in a row; `failing_since` and `sentence` are None while it takes what it is given.
    `away_until` is the receiver's own wish (Retry-After), which holds for every message.
    """

    delivered: int = 0
    refused: int = 0
    undelivered: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    sentence: str | None = None
    looks_final: bool = False
    others_told_at: datetime | None = None
    away_until: datetime | None = None

    def after_delivery(self) -> Health:
        """Return it mended."""
        return replace(self.mended(), delivered=self.delivered + 1)

    def after_refusal(self, refused: Refused, now: datetime) -> Health:
        """Return it one refusal worse."""
        worse = replace(
            self,
            refused=self.refused + 1,
            failures=self.failures + 1,
            failing_since=self.failing_since or now,
            sentence=refused.sentence,
            looks_final=refused.looks_final,
            away_until=None,
        )
        return worse.after_wish(refused, now)

    def after_wish(self, refused: Refused, now: datetime) -> Health:
        """Return it kept away for as long as the receiver asks, if it does."""
        wish = refused.retry_after_for
        return self if wish is None else replace(self, away_until=now + min(wish, SELDOM))

    def mended(self) -> Health:
        """Return it with nothing held against it; what was counted stays."""
        return Health(
            delivered=self.delivered,
            refused=self.refused,
            undelivered=self.undelivered,
            others_told_at=self.others_told_at,
        )

    def may_be_asked(self, now: datetime) -> bool:
        """Return whether the receiver has not asked us to stay away."""
        # Nobody stays away for over a day: such an instant was written while the clock was wrong.
        return self.away_until is None or not now < self.away_until <= now + SELDOM

    def is_for_others(self, now: datetime) -> bool:
        """Return whether the other receivers should hear of it.

        Once in a run of refusals; and at most daily, should a single message be refused between others that
        are not.
        """
        if not self.looks_final or self.failing_since is None:
            return False
        told_at = self.others_told_at
        return told_at is None or (told_at < self.failing_since and now - told_at >= SELDOM)

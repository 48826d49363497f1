"""What a message is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.model import Alert, Finding, TellReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message about one alert, before it is written.

    `metadata_name` is what the metadata is called (`latest-release.json`), `published_by` who says when a
    release was published (`GitHub`). `metadata_link` is used where the finding has none. `news` are the
    missing releases that the receiver has not been told of. `drifting` names every target that is behind.
    `replaces_first` makes it the one message that says both: it fired, and it is over.
    """

    alert: Alert
    reason: TellReason
    now: datetime
    metadata_name: str = "the metadata"
    published_by: str | None = None
    metadata_link: str | None = None
    public_url: str | None = None
    drifting: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    replaces_first: bool = False

    @property
    def finding(self) -> Finding:
        """What is wrong today; where nothing is (over, or held) what was wrong when it fired."""
        alert = self.alert
        return alert.finding or Finding(
            check=alert.check,
            target=alert.target,
            since=alert.since,
            since_is=alert.since_is,
            fires_at=alert.fires_at,
            severity=alert.severity,
            sentence=alert.sentence,
            named=alert.named,
            newest=alert.newest,
            missing=alert.missing,
            side=alert.side,
            reason=alert.reason,
        )

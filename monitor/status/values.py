"""What a status is made of: frozen values, each of which has a JSON form with the names of its fields.

In JSON an instant is `2024-02-26T03:18:47Z`, a span a number of seconds under a name that ends in `_seconds`
instead of `_for`. Fields are only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import AlertState, CheckName, Evidence, Severity, Side, SinceClock, TellReason
from monitor.status.words import Look, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The daemon itself; without `is_running` the rest is what the database knows of the last run.

    `has_looked` is whether both sides of every target were looked at since the start. `generation` counts the
    configurations put in force since then; `config_problem` says why the newest file is not in force.
    `blind_since` is when our own connection was lost. `faults` are sentences about what is wrong with us now,
    `warnings` about what will surprise.
    """

    is_running: bool = False
    up_since: datetime | None = None
    last_tick_at: datetime | None = None
    has_looked: bool = False
    generation: int = 0
    config_loaded_at: datetime | None = None
    config_problem: str | None = None
    database: str | None = None
    blind_since: datetime | None = None
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """How one receiver does.

    `queued` and `undelivered` count messages, `oldest_queued_at` is when the oldest of `queued` was.
    `delivered` and `refused` count messages since the start, `failures` refusals in a row; `failing_since`
    and `sentence` are None while it takes what it is given. `away_until` is how long it asks us to stay away.
    """

    name: str
    queued: int = 0
    oldest_queued_at: datetime | None = None
    undelivered: int = 0
    delivered: int = 0
    last_delivered_at: datetime | None = None
    refused: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    sentence: str | None = None
    looks_final: bool = False
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideStatus:
    """One side of a target. `label` is what it is called, `link` where a person sees it.

    `sentence` says why the last look failed, `failing_since` since when they do and `failed` how many.
    `is_complete` is whether the last good reading was, None where there was none; `window` is N where it
    showed only the N newest. `cache_age_for` is what a cache added to it. `next_look_at` is None where
    unknown.
    """

    side: Side
    kind: str
    label: str
    link: str | None
    look: Look
    looked_at: datetime | None
    good_at: datetime | None
    sentence: str | None
    failing_since: datetime | None
    failed: int
    is_complete: bool | None
    window: int | None
    cache_age_for: timedelta | None
    next_look_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AckStatus:
    """Somebody knows."""

    who: str
    at: datetime
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStatus:
    """What one receiver was last told of an alert; `arrived` is whether any message of it has reached it."""

    receiver: str
    reason: TellReason
    at: datetime
    queued: bool
    arrived: bool
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStatus:
    """One alert; a pending one has no `id`.

    `since`, `named`, `newest` and `missing` are today's while it is open; `fired_*` are what they were as it
    fired. `held` says why it goes on although nothing is missing. `silenced_by` are numbers of silences, the
    last of which ends at `silenced_until`.
    """

    id: int | None
    check: CheckName
    target: str
    side: Side | None
    state: AlertState
    severity: Severity
    sentence: str
    reason: str
    since: datetime
    since_is: SinceClock
    named: str | None
    newest: str | None
    missing: tuple[str, ...]
    missing_is_at_least: bool
    fires_at: datetime
    fired_at: datetime | None
    critical_at: datetime | None
    resolved_at: datetime | None
    fired_named: str | None
    fired_newest: str | None
    fired_missing: tuple[str, ...]
    held: str | None
    evidence: Evidence | None
    metadata_link: str | None
    release_link: str | None
    ack: AckStatus | None
    silenced_by: tuple[int, ...]
    silenced_until: datetime | None
    told: tuple[ToldStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceStatus:
    """What is not told, from when until when, by whom and why; `is_active` is whether it mutes now."""

    id: int
    from_at: datetime
    until_at: datetime
    who: str
    comment: str
    target: str | None
    label: tuple[str, str] | None
    check: CheckName | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStatus:
    """One target. `word` says how it stands and `sentence` the same with its reason.

    `check`, `severity`, `since`, `since_is`, `fired_at` and `alert_id` are those of the alert that the word
    stands for, `fires_at` too while it is pending; `checks` are all that are open. `missing` are tags in
    rising order. `lag_for` is how long the metadata has been behind: zero where it is not, None where that is
    not known. `left_out` has one sentence a thing that was read and does not count.
    """

    name: str
    labels: Mapping[str, str]
    word: Word
    severity: Severity | None
    sentence: str
    named: str | None
    newest: str | None
    missing: tuple[str, ...]
    missing_is_at_least: bool
    lag_for: timedelta | None
    check: CheckName | None
    checks: tuple[CheckName, ...]
    since: datetime | None
    since_is: SinceClock | None
    fires_at: datetime | None
    fired_at: datetime | None
    alert_id: int | None
    is_acked: bool
    is_silenced: bool
    scheme: str | None
    threshold_for: timedelta
    metadata: SideStatus
    releases: SideStatus
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEvent:
    """What will happen if nothing changes; `what` is `fires`, `becomes critical` or `silence ends`."""

    at: datetime
    what: str
    target: str | None = None
    alert_id: int | None = None
    silence_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How everything stands at `generated_at`: targets and alerts worst first, next events soonest first."""

    generated_at: datetime
    version: str
    daemon: Daemon = field(default_factory=Daemon)
    targets: tuple[TargetStatus, ...] = ()
    alerts: tuple[AlertStatus, ...] = ()
    silences: tuple[SilenceStatus, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    next_events: tuple[NextEvent, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nothing fires and nothing is wrong with ourselves."""
        fires = any(target.severity is not None for target in self.targets)
        return not fires and not self.daemon.faults and self.daemon.blind_since is None

    def target(self, name: str) -> TargetStatus | None:
        """Return the target of this name."""
        return next((target for target in self.targets if target.name == name), None)

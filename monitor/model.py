"""The words. One thing has one name everywhere, and its shape is defined here and nowhere else.

What crosses rooms is a frozen value built by name. Instants are aware UTC datetimes named `*_at` or `since`,
spans are timedeltas named `*_for`, `*_every` or `*_after`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol


class Clock(Protocol):
    """Who tells what time it is; only `clock.py` has one that asks the machine."""

    def now(self) -> datetime:
        """Return this instant, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        ...

    async def sleep(self, wait_for: timedelta) -> None:
        """Return once this much time has passed on this clock."""
        ...


class Side(StrEnum):
    """Which of the two places a release is written in."""

    METADATA = "metadata"
    RELEASES = "releases"


class SinceClock(StrEnum):
    """How an instant is known, best first."""

    PUBLISHED = "published"
    TAGGED = "tagged"
    COMMITTED = "committed"
    FIRST_SEEN = "first_seen"


class Reason(StrEnum):
    """Why a look gave no reading."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    LIMITED = "limited"
    MALFORMED = "malformed"


class Severity(StrEnum):
    """How loudly a finding is told."""

    WARNING = "warning"
    CRITICAL = "critical"


class CheckName(StrEnum):
    """The checks, in the order in which a target's are shown."""

    BEHIND = "behind"
    UNLISTED = "unlisted"
    MALFORMED = "malformed"
    UNREACHABLE = "unreachable"
    AMBIGUOUS = "ambiguous"
    BLIND = "blind"


class AlertState(StrEnum):
    """Where an alert is in its life."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    DROPPED = "dropped"


class EventKind(StrEnum):
    """An edge in an alert's life, or a change that explains one."""

    OPENED = "opened"
    FIRED = "fired"
    ESCALATED = "escalated"
    ACKED = "acked"
    UNACKED = "unacked"
    RESOLVED = "resolved"
    RETURNED = "returned"
    DROPPED = "dropped"
    SCHEME_CHANGED = "scheme_changed"


class TellReason(StrEnum):
    """Why a notification is sent."""

    FIRST = "first"
    REPEAT = "repeat"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    DROPPED = "dropped"


class BehindReason(StrEnum):
    """Why the metadata is behind: it was never moved, or it was moved back."""

    STALE = "stale"
    REGRESSED = "regressed"


class Rollback(StrEnum):
    """What a metadata that goes back means for the release it left."""

    ALERT = "alert"
    ALLOW = "allow"


class Switch(StrEnum):
    """A check that a policy may turn off."""

    ON = "on"
    OFF = "off"


# --- looking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A secret by its name; `value` never reaches a log, a page, an exception or the database."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a dialogue asks for.

    `credential` is the *name* of a secret that the fetcher sends as `Authorization: Bearer …`, to this
    request's origin only. `body` makes it a POST.
    """

    url: str
    accept: str = "*/*"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    credential: str | None = None
    max_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What came, whole and decompressed; a 304 is answered from the cache and looks like its 200.

    `unchanged` is true where the server answered 304. `cache_age_for` is what a shared cache added (`Age`).
    `url` is the address after redirects, without its query.
    """

    url: str
    body: bytes
    status: int = 200
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    cache_age_for: timedelta | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False
    received: int = 0
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version as a source gives it.

    `tag` is the source's own text. `version` is the part of it that is compared, filled in by
    `sources.naming.comb`; empty before. `published_is` says what kind of instant `published_at` is.
    `prerelease` is None where the source cannot tell.
    """

    tag: str
    version: str = ""
    published_at: datetime | None = None
    published_is: SinceClock = SinceClock.PUBLISHED
    link: str | None = None
    prerelease: bool | None = None
    draft: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that a source said, unordered.

    `newest` is None for a complete reading, else N: it shows only the N newest by publication (a window).
    `left_out` has one sentence a thing that was read but does not count (a tag that `tags` does not match).
    """

    releases: tuple[Release, ...]
    newest: int | None = None
    left_out: tuple[str, ...] = ()
    link: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether what is absent here is absent at the source."""
        return self.newest is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A look that gave no reading: a fact about the source, with a sentence for an operator.

    `answered` is whether any HTTP answer came (4xx and 5xx prove us online). `is_local` marks name resolution
    and routing: failures that are more likely ours. `retry_at` is when the server lets us ask again.
    """

    reason: Reason
    sentence: str
    answered: bool = True
    is_local: bool = False
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """How an observation was got: the last HTTP `status`, 0 where none came, and `received` in bytes."""

    status: int = 0
    latency_for: timedelta = timedelta(0)
    attempts: int = 1
    received: int = 0
    cache_age_for: timedelta | None = None
    unchanged: bool = False
    confirm: bool = False
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one side of one target, at the instant it ended."""

    target: str
    side: Side
    at: datetime
    outcome: Reading | Failure
    got: Got = Got()


Dialogue = Generator[Request, Document, Reading]
"""A source kind at work: yields requests, is sent documents, returns a reading or raises ParseError."""


# --- what is watched -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The name of a kind plus that kind's own spec, a frozen dataclass made from its TOML table."""

    kind: str
    spec: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What counts and when somebody is told; the defaults are DESIGN.md's, section 4.

    `tags` is a full-match regular expression with an optional group `version`; `ignore` lists tags or
    versions.
    """

    scheme: str = "auto"
    tags: str | None = None
    prereleases: bool = False
    ignore: tuple[str, ...] = ()
    threshold: timedelta = timedelta(hours=2)
    critical_after: timedelta = timedelta(hours=24)
    unreachable_after: timedelta = timedelta(hours=3)
    malformed_grace: timedelta = timedelta(minutes=15)
    unlisted: Switch = Switch.ON
    unlisted_grace: timedelta = timedelta(minutes=30)
    rollback: Rollback = Rollback.ALERT
    keep_firing_for: timedelta = timedelta(minutes=10)
    repeat_every: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One watched pair. `was` is the name it had before a rename."""

    name: str
    metadata: Source
    releases: Source
    policy: Policy = Policy()
    interval: timedelta = timedelta(minutes=5)
    labels: Mapping[str, str] = field(default_factory=dict)
    was: str | None = None

    def source(self, side: Side) -> Source:
        """Return the source of this side."""
        return self.metadata if side is Side.METADATA else self.releases


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a judgement goes by besides the state.

    `started_at` is when this run of the daemon began, or when `blind` last ended: before a good look at
    both sides since then nothing fires. `policy_at` is when the policy came into force; no alert fires
    earlier by it. Both are None in a history. `second_look` is whether a look is believed only after a
    second one: an alert before it fires, a release that is gone. In a history every look is right.
    `is_blind` holds everything.
    """

    target: str
    policy: Policy
    interval: timedelta = timedelta(minutes=5)
    started_at: datetime | None = None
    policy_at: datetime | None = None
    second_look: bool = True
    is_blind: bool = False


# --- remembering ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRelease:
    """What is remembered of one release, for ever.

    `published_at` is the first publication seen; only a re-publication after a withdrawal moves it.
    `lacked_at` is our last complete look that lacked it before it was seen, first or again. `eligible` is
    how it was last judged, None while it is not listed; `eligible_at` is when it became so although it had
    been listed before. `absent` counts looks in a row that could show it and did not, two of them mean
    withdrawn; `withdrawn_at` is the first of them. After `reconfigured` a release counts as absent without
    a `withdrawn_at` until it is read again. `named_at` is the first look at which the metadata named it,
    `covered_at` the first at which it named it or something newer.
    """

    tag: str
    version: str
    first_seen_at: datetime
    published_at: datetime | None = None
    published_is: SinceClock = SinceClock.PUBLISHED
    lacked_at: datetime | None = None
    prerelease: bool | None = None
    draft: bool = False
    eligible: bool | None = None
    eligible_at: datetime | None = None
    absent: int = 0
    withdrawn_at: datetime | None = None
    named_at: datetime | None = None
    covered_at: datetime | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRun:
    """A stretch in which the metadata named the same: from the first look at it to the last.

    `until_at` is None for the stretch that goes on. `listed` are those of `versions` that were in the list
    while they were named. `unlisted_at` is the first good look at the releases, made while the highest of
    them was named, that showed that it is not eligible. A stretch that is over is kept only if it covered
    something.
    """

    versions: tuple[str, ...]
    from_at: datetime
    until_at: datetime | None = None
    listed: tuple[str, ...] = ()
    unlisted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideState:
    """What is remembered of one side.

    `good_at` is the last good look, `looked_at` the last of any kind; both are None while the side is
    unknown. The `fail*` fields describe the run of failed looks since the last answer that could be used:
    `failed_at` its first, `failed_last_at` its last, `failed` how many, `limited` how many of those were
    rate limits, `counted_at` the last that was not. `malformed_*` likewise for answers that yielded no
    version: the first, the last, and why. `excused_for` is our own down and blind time since `good_at`.
    `newest` is N where the last good reading was a window of N, `window_tags` what it showed, `chain_at`
    the first look of the unbroken chain of overlapping windows. `confirmed_at` is the last look made as a
    second look that was good.
    """

    looked_at: datetime | None = None
    first_good_at: datetime | None = None
    good_at: datetime | None = None
    complete_at: datetime | None = None
    cache_age_for: timedelta | None = None
    failed: int = 0
    limited: int = 0
    failed_at: datetime | None = None
    failed_last_at: datetime | None = None
    counted_at: datetime | None = None
    failure: Failure | None = None
    malformed_at: datetime | None = None
    malformed_last_at: datetime | None = None
    malformed: str | None = None
    excused_for: timedelta = timedelta(0)
    newest: int | None = None
    chain_at: datetime | None = None
    window_tags: tuple[str, ...] = ()
    confirmed_at: datetime | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong *now*.

    `fires_at` is when it fires if it was known by then, and still stands. `named` and `newest` are version
    texts, `missing` the tags that the metadata lacks in rising order, `side` the side concerned.
    `missing_since` is the clock of each of `missing`, in the same order. `metadata_link` and `release_link`
    are where a person sees what the metadata says, and the newest of the releases it is about.
    """

    check: CheckName
    target: str
    since: datetime
    since_is: SinceClock
    fires_at: datetime
    severity: Severity
    sentence: str
    named: str | None = None
    newest: str | None = None
    missing: tuple[str, ...] = ()
    missing_is_at_least: bool = False
    side: Side | None = None
    reason: str = ""
    missing_since: tuple[datetime, ...] = ()
    metadata_link: str | None = None
    release_link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the second look showed: when, and what a cache added; or that it could not be had."""

    at: datetime
    confirmed: bool
    metadata_read_at: datetime | None = None
    releases_read_at: datetime | None = None
    cache_age_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A finding carried through time.

    `since`, `named`, `newest` and `missing` stay as they were at firing; `finding` is today's (None once it
    has ended). `fired_for` gathers every release it was about while it fired. `known_at` is when this
    `since` became known. `held` says why an alert that would have resolved goes on. `id` is a small integer
    given by the store when it fires. `asked` counts second looks asked for, the first of them at
    `asked_at`; from `waiting_at` on they could not be had, and it waits for a good look.
    """

    check: CheckName
    target: str
    state: AlertState
    severity: Severity
    since: datetime
    since_is: SinceClock
    known_at: datetime
    fires_at: datetime
    id: int | None = None
    side: Side | None = None
    fired_at: datetime | None = None
    critical_at: datetime | None = None
    resolved_at: datetime | None = None
    named: str | None = None
    newest: str | None = None
    missing: tuple[str, ...] = ()
    reason: str = ""
    sentence: str = ""
    fired_for: tuple[str, ...] = ()
    finding: Finding | None = None
    evidence: Evidence | None = None
    held: str | None = None
    asked: int = 0
    asked_at: datetime | None = None
    waiting_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An edge in an alert's life; `alert_id` is None for one that never fired."""

    kind: EventKind
    target: str
    at: datetime
    check: CheckName | None = None
    alert_id: int | None = None
    side: Side | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The configuration that a state was made under, as short digests; empty before the first.

    `policy_at` is when a policy that replaced another one came into force, None for a target's first.
    """

    metadata: str = ""
    releases: str = ""
    scheme: str = ""
    policy: str = ""
    policy_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """All that is remembered of one target; `releases` by tag, `runs` of what was named, newest last.

    `scheme` is the scheme in force, decided once where the policy says `auto`. `memo` is what the detector
    keeps beside the state so that unchanged looks cost little: it is derived, never stored and never
    compared.
    """

    target: str
    metadata: SideState = SideState()
    releases_side: SideState = SideState()
    releases: Mapping[str, SeenRelease] = field(default_factory=dict)
    runs: tuple[NamedRun, ...] = ()
    scheme: str | None = None
    alerts: tuple[Alert, ...] = ()
    left_out: tuple[str, ...] = ()
    marks: Marks = Marks()
    memo: Any = field(default=None, compare=False, repr=False)

    def side(self, side: Side) -> SideState:
        """Return what is remembered of this side."""
        return self.metadata if side is Side.METADATA else self.releases_side


# --- telling -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Somebody knows: mutes repeats and escalation of one alert until its missing set gains a release."""

    alert_id: int
    at: datetime
    who: str
    comment: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Do not tell: which, from, until, who, why. Empty matchers match everything; several must all match."""

    id: int
    from_at: datetime
    until_at: datetime
    who: str
    comment: str = ""
    target: str | None = None
    label: tuple[str, str] | None = None
    check: CheckName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who is told of what: every matcher that is set must match. Routes that match all send."""

    receivers: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    severities: tuple[Severity, ...] = ()
    checks: tuple[CheckName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one receiver was last told of one alert.

    `queued` means an undelivered row stands; `delivered` that firing reached it at least once. `repeats`
    counts repeats, for the doubling. `missing` is what the last message named.
    """

    alert_id: int
    receiver: str
    reason: TellReason
    at: datetime
    severity: Severity
    repeats: int = 0
    queued: bool = True
    delivered: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to one receiver about one alert.

    `replaces_first` marks the message that says both "was firing" and "has resolved", in place of a first one
    that was never sent.
    """

    alert_id: int
    target: str
    check: CheckName
    receiver: str
    reason: TellReason
    severity: Severity
    at: datetime
    title: str
    body: str
    missing: tuple[str, ...] = ()
    repeats: int = 0
    replaces_first: bool = False

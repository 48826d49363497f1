"""A second reading of DESIGN.md, section 4: plain brute force over the rows of a history.

Nothing here is shared with the program but the schemes. Everything is worked out anew at every instant, from
all that went before; what the text leaves open is decided as its users would want it, and said where that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Policy, Rollback, Switch
from monitor.replay import Row, Word
from monitor.versions import scheme_named

STANDS_FOR = timedelta(minutes=30)
FARTHEST_DAYS = 30

Findings = dict[str, tuple[datetime, datetime, frozenset[str]]]
"""By check: since when, when it fires, which releases are missing."""


@dataclass(kw_only=True)
class Told:
    """One alert, as it was when it fired; `wanted` are the releases that were missing while it did."""

    check: str
    since: datetime
    fired_at: datetime
    named: str | None
    newest: str | None
    missing: int
    wanted: set[str]
    resolved_at: datetime | None = None


@dataclass(kw_only=True)
class Stretch:
    """A time in which the metadata named one version; `is_listed` is whether it was ever listed in it."""

    version: str
    from_at: datetime
    until_at: datetime | None = None
    is_listed: bool = False


@dataclass(kw_only=True)
class Oracle:
    """What is known at one instant of a history that is being read."""

    policy: Policy
    listed: dict[str, datetime] = field(default_factory=dict)
    published: dict[str, datetime] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    is_read: bool = False
    malformed_at: datetime | None = None
    unlisted_at: datetime | None = None
    alerts: list[Told] = field(default_factory=list)
    open: dict[str, Told] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scheme = scheme_named(self.policy.scheme)

    @property
    def named(self) -> str | None:
        return self.stretches[-1].version if self.stretches else None

    def same(self, one: str, other: str) -> bool:
        return self.scheme.key(one) == self.scheme.key(other)

    def is_listed(self, version: str) -> bool:
        return any(self.same(version, each) for each in self.listed)

    def is_ignored(self, version: str) -> bool:
        return any(version == each or self.same(version, each) for each in self.policy.ignore)

    def is_misdated(self, version: str) -> bool:
        own = self.scheme.dated(version)
        if own is None or version not in self.published:
            return False
        return abs((self.published[version].date() - own).days) > FARTHEST_DAYS

    def place(self, version: str) -> Any:
        """Return what orders a version: under calver its eight digits, or those of its publication."""
        if self.policy.scheme != "calver":
            return self.scheme.key(version)
        day = f"{self.published[version]:%Y%m%d}" if self.is_misdated(version) else version
        return day, version

    def eligible(self) -> list[str]:
        return [
            version
            for version in sorted(self.listed, key=self.listed.__getitem__)
            if (self.policy.prereleases or not self.scheme.prerelease(version))
            and not self.is_ignored(version)
        ]

    def clock(self, version: str) -> datetime:
        """Return its publication, or the end of the last stretch in which something listed covered it."""
        ends = [
            each.until_at
            for each in self.stretches
            if each.until_at is not None
            and each.is_listed
            and each.until_at - each.from_at >= STANDS_FOR
            and not self.place(each.version) < self.place(version)
        ]
        return max([self.listed[version], *ends])

    def missing(self) -> dict[str, datetime]:
        """Return the clocks of what is missing; of two tags of one version the first counts."""
        if self.named is None:
            return {}
        found: dict[str, datetime] = {}
        for version in self.eligible():
            is_above = self.place(version) > self.place(self.named) and not self.same(version, self.named)
            if not is_above or any(self.same(version, each) for each in found):
                continue
            if self.policy.rollback is Rollback.ALLOW and any(self.same(version, each) for each in self.left):
                continue
            found[version] = self.clock(version)
        return found

    # --- taking in ---------------------------------------------------------------------------------

    def take(self, rows: Sequence[Row], at: datetime) -> None:
        for row in rows:
            if row.word is not Word.METADATA:
                self._list(row, at)
        said = [row.value for row in rows if row.word is Word.METADATA]
        if said:
            self._name(said[-1].removeprefix("v"), at)
        if self.named is not None and self.is_listed(self.named):
            self.stretches[-1].is_listed = True
            self.left.append(self.named)

    def _list(self, row: Row, at: datetime) -> None:
        version = row.value.removeprefix("v")
        if row.word is Word.WITHDRAWN:
            self.listed.pop(version, None)
            return
        # A list begins with the first release.
        self.is_read = True
        if self.scheme.key(version) is not None:
            self.published[version] = self.listed.setdefault(version, at)

    def _name(self, version: str, at: datetime) -> None:
        if self.scheme.key(version) is None:
            self.malformed_at = self.malformed_at or at
            return
        self.malformed_at = None
        if self.named is not None and self.same(self.named, version):
            self.stretches[-1].version = version
            return
        if self.stretches:
            self.stretches[-1].until_at = at
        self.stretches.append(Stretch(version=version, from_at=at))
        self.unlisted_at = None

    # --- judging -----------------------------------------------------------------------------------

    def findings(self, at: datetime) -> Findings:
        found: Findings = {}
        nothing: frozenset[str] = frozenset()
        if self.malformed_at is not None:
            fires_at = self.malformed_at + self.policy.malformed_grace
            found["malformed"] = (self.malformed_at, fires_at, nothing)
        if self.named is None or not self.is_read:
            return found
        if self._is_accepted(self.named):
            self.unlisted_at = None
        else:
            self.unlisted_at = self.unlisted_at or at
            if self.policy.unlisted is Switch.ON:
                fires_at = self.unlisted_at + self.policy.unlisted_grace
                found["unlisted"] = (self.unlisted_at, fires_at, nothing)
        for version in (self.newest(), self._named_in_list(self.named)):
            if version is not None and self.is_misdated(version) and not self.is_ignored(version):
                found["ambiguous"] = (self.listed[version], self.listed[version], nothing)
        clocks = self.missing()
        if clocks:
            since = min(clocks.values())
            found["behind"] = (since, since + self.policy.threshold, frozenset(clocks))
        return found

    def _is_accepted(self, named: str) -> bool:
        return self.is_ignored(named) or any(self.same(named, each) for each in self.eligible())

    def _named_in_list(self, named: str) -> str | None:
        return next((each for each in self.listed if self.same(each, named)), None)

    def newest(self) -> str | None:
        return max(self.eligible(), key=self.place, default=None)

    def judge(self, at: datetime, next_at: datetime | None, end_at: datetime) -> None:
        """Judge what is said at `at`, and let fire what is due before anything changes again."""
        found = self.findings(at)
        for check in set(self.open) - set(found):
            if check != "behind" or not self._is_held():
                self.open.pop(check).resolved_at = at
        for check, (since, fires_at, wanted) in found.items():
            alert = self.open.get(check) or self._returned(check, wanted, at)
            due_at = max(fires_at, at)
            if alert is None and (due_at >= next_at if next_at is not None else due_at > end_at):
                continue
            if alert is None:
                alert = self._fired(check, since, due_at, wanted)
            self.open[check] = alert
            alert.resolved_at = None
            alert.wanted |= wanted

    def _is_held(self) -> bool:
        """Return whether what is named is not out, so that `behind` cannot be over; ignored, it may be."""
        if self.named is None or self.policy.unlisted is Switch.OFF:
            return False
        return not self.is_listed(self.named) and not self.is_ignored(self.named)

    def _returned(self, check: str, wanted: frozenset[str], at: datetime) -> Told | None:
        """Return the alert that this is, come back; what became missing while it fired is its own as well."""
        for alert in reversed(self.alerts):
            is_late = alert.resolved_at is None or at - alert.resolved_at >= self.policy.keep_firing_for
            if check == alert.check == "behind" and not is_late and alert.wanted & wanted:
                return alert
        return None

    def _fired(self, check: str, since: datetime, fired_at: datetime, wanted: frozenset[str]) -> Told:
        alert = Told(
            check=check,
            since=since,
            fired_at=fired_at,
            named=self.named,
            newest=max(wanted, key=self.place, default=self.newest()),
            missing=len(wanted),
            wanted=set(wanted),
        )
        self.alerts.append(alert)
        return alert


def told_of(rows: Sequence[Row], policy: Policy) -> list[Told]:
    """Return the alerts that fire over these rows, which are in order of time; they end at the last one."""
    oracle = Oracle(policy=policy)
    instants = sorted({row.at for row in rows})
    for at, next_at in zip(instants, [*instants[1:], None], strict=True):
        oracle.take([row for row in rows if row.at == at], at)
        oracle.judge(at, next_at, instants[-1])
    return oracle.alerts

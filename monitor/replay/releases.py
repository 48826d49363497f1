"""How long each release waited until the metadata named it, or something newer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import SeenRelease, SinceClock, TargetState


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one release.

    `named_at` is when the metadata named it, `covered_at` when it named it or something newer:
    `superseded_by` then, if it never named this one. `lag_for` is the wait until `covered_at`, None where
    that is not known: it still waits, or was covered by our first look.
    """

    version: str
    out_at: datetime
    known_by: SinceClock
    named_at: datetime | None
    covered_at: datetime | None
    superseded_by: str | None
    lag_for: timedelta | None

    @property
    def is_announced(self) -> bool:
        """Whether the metadata came to name it while we looked."""
        return self.lag_for is not None and self.superseded_by is None

    @property
    def waits(self) -> bool:
        """Whether it has not been announced yet."""
        return self.covered_at is None


def fates_of(state: TargetState, until_at: datetime) -> tuple[Fate, ...]:
    """Return what became of each release that counts, in the order in which they came out."""
    first_at = state.metadata.first_good_at
    if first_at is None:
        return ()
    named = sorted(
        (seen for seen in state.releases.values() if seen.named_at is not None),
        key=lambda seen: seen.named_at or first_at,
    )
    fates = (
        _fate(seen, named, first_at)
        for seen in state.releases.values()
        if (seen.eligible or seen.named_at is not None) and _out_at(seen) <= until_at
    )
    return tuple(sorted(fates, key=lambda fate: fate.out_at))


def _fate(seen: SeenRelease, named: Sequence[SeenRelease], first_at: datetime) -> Fate:
    covered_at = seen.covered_at
    is_older = covered_at is not None and covered_at <= first_at
    is_passed = covered_at is not None and (seen.named_at is None or seen.named_at > covered_at)
    by = [each for each in named if each.named_at is not None and each.named_at <= (covered_at or first_at)]
    return Fate(
        version=seen.version,
        out_at=_out_at(seen),
        known_by=SinceClock.FIRST_SEEN if seen.published_at is None else seen.published_is,
        named_at=seen.named_at,
        covered_at=covered_at,
        superseded_by=by[-1].version if is_passed and not is_older and by else None,
        lag_for=None if covered_at is None or is_older else covered_at - _out_at(seen),
    )


def _out_at(seen: SeenRelease) -> datetime:
    return seen.published_at or seen.first_seen_at

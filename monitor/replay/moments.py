"""From rows to looks: at each instant, what a look at either side would have got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from monitor import sources
from monitor.model import Failure, Observation, Reading, Reason, Release, Side
from monitor.replay.rows import Row, Word

_SIDES = {Word.RELEASE: Side.RELEASES, Word.WITHDRAWN: Side.RELEASES, Word.METADATA: Side.METADATA}
_FAILED = Failure(
    reason=Reason.UNREACHABLE, sentence="the history has an empty value here: a look that failed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One instant of a history: the looks that are all taken in before anything is judged."""

    at: datetime
    looks: tuple[Observation, ...]


@dataclass(slots=True, kw_only=True)
class _Project:
    """What each side says as the rows go by; a side that fails says nothing until its next row.

    A release is combed once and stays the same value: the detector passes over what it has seen before.
    """

    target: str
    tags: str | None
    pattern: str | None
    released: dict[str, Release] = field(default_factory=dict)
    says: dict[Side, Reading] = field(default_factory=dict)

    def moment(self, at: datetime, rows: Iterable[Row]) -> Moment:
        failed: dict[Side, Failure] = {}
        for row in rows:
            side = _SIDES[row.word]
            failure = _failure(row)
            if failure is None:
                self._take(row)
                failed.pop(side, None)
            else:
                failed[side] = failure
                self.says.pop(side, None)
        looks: dict[Side, Reading | Failure] = {**self.says, **failed}
        return Moment(at=at, looks=tuple(self._look(side, at, said) for side, said in looks.items()))

    def _take(self, row: Row) -> None:
        if row.word is Word.METADATA:
            said = row.said if isinstance(row.said, Reading) else Reading(releases=(Release(tag=row.value),))
            self.says[Side.METADATA] = self._combed(said)
            return
        known = self.released.get(row.value)
        if row.word is Word.WITHDRAWN:
            # Said, and not only no longer there: even of the last release it is known.
            if known is not None:
                self.released[row.value] = replace(known, withdrawn=True)
        elif known is None or known.withdrawn:
            release = Release(tag=row.value, published_at=row.at, published_is=row.known_by)
            combed = sources.comb(Reading(releases=(release,)), self.tags).releases
            self.released.update((each.tag, each) for each in combed)
        # Before the first tag that counts there is no list.
        if self.released:
            self.says[Side.RELEASES] = Reading(releases=tuple(self.released.values()))

    def _combed(self, said: Reading) -> Reading:
        if self.pattern is None and self.tags is not None:
            # Who says what a tag looks like need not say it twice where the metadata names whole tags.
            as_tags = sources.comb(said, self.tags)
            if as_tags.releases:
                return as_tags
        return sources.comb(said, self.pattern)

    def _look(self, side: Side, at: datetime, outcome: Reading | Failure) -> Observation:
        return Observation(target=self.target, side=side, at=at, outcome=outcome)


def _failure(row: Row) -> Failure | None:
    if isinstance(row.said, Failure):
        return row.said
    return None if row.value or row.said is not None else _FAILED


def moments_of(
    rows: Sequence[Row], *, target: str, tags: str | None = None, pattern: str | None = None
) -> Iterator[Moment]:
    """Yield what there was to see at each instant of these rows, which are in order of time.

    `tags` is the policy's, `pattern` that of the metadata; without one, `tags` serves where it matches. Both
    sides are given at every instant from their own first row on, so that the list is complete whenever the
    metadata changes.

    Raises:
        ParseError: a pattern is wrong, or takes too long.
    """
    project = _Project(target=target, tags=tags, pattern=pattern)
    for at, together in groupby(rows, key=attrgetter("at")):
        moment = project.moment(at, together)
        if moment.looks:
            yield moment

"""The releases as one policy and one scheme see them: which count, in which order, and what is named."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from monitor.checks.order import Key, key_of, place_of
from monitor.model import NamedRun, Policy, Rollback, Rules, SeenRelease, TargetState
from monitor.versions import Scheme, scheme_named

_PLACE = itemgetter(0)
GONE_AFTER = 2
"""Looks in a row that could show a release and do not, after which it is withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is derived from the releases alone; held by their tags, so that marks change nothing here.

    `ranked` are the eligible ones, each with its place, rising; of equal versions it has one. `same` are the
    tags of each version, the first seen first. `strangers` are the tags that do not parse. `is_flickering` is
    whether a release is absent that is not withdrawn yet.
    """

    releases: Mapping[str, SeenRelease]
    policy: Policy
    scheme: Scheme
    same: Mapping[Key, tuple[str, ...]]
    ranked: tuple[tuple[Any, str], ...]
    strangers: frozenset[str]
    is_flickering: bool

    def release(self, key: Key) -> SeenRelease | None:
        """Return the release of this version; of several tags of one version the one that counts most."""
        tags = self.same.get(key, ())
        return max((self.releases[tag] for tag in tags), key=_weight, default=None)

    @property
    def newest(self) -> SeenRelease | None:
        """The highest release that counts."""
        return self.releases[self.ranked[-1][1]] if self.ranked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The highest version that the metadata names, and the release of that version, if one was ever seen."""

    version: str
    key: Key
    place: Any
    seen: SeenRelease | None


def is_gone(seen: SeenRelease) -> bool:
    """Return whether the release is withdrawn, or not read again since its source changed."""
    return seen.absent >= GONE_AFTER


def is_listed(seen: SeenRelease) -> bool:
    """Return whether the release is in the list: pre-releases are, drafts are not."""
    return not (seen.draft or seen.absent >= GONE_AFTER)


def is_prerelease(seen: SeenRelease, scheme: Scheme) -> bool:
    """Return whether it is a pre-release: by its source's word, or by its own where the source has none."""
    if seen.prerelease is not None:
        return seen.prerelease
    return bool(scheme.prerelease(seen.version))


def is_ignored(tag: str, version: str, policy: Policy, scheme: Scheme) -> bool:
    """Return whether the target's `ignore` list has this tag or a version equal to this one."""
    if not policy.ignore:
        return False
    if tag in policy.ignore or version in policy.ignore:
        return True
    key = key_of(scheme.name, version)
    return key is not None and any(key_of(scheme.name, text) == key for text in policy.ignore)


def eligibility(seen: SeenRelease, policy: Policy, scheme: Scheme) -> bool | None:
    """Return whether the release counts; None where it is not listed, which says nothing of it."""
    if not is_listed(seen):
        return None
    if key_of(scheme.name, seen.version) is None:
        return False
    if not policy.prereleases and is_prerelease(seen, scheme):
        return False
    return not is_ignored(seen.tag, seen.version, policy, scheme)


def board_of(state: TargetState, rules: Rules) -> Board | None:
    """Return the board, the one in the memo where it still holds; None while no scheme is decided."""
    known = state.memo.board if state.memo is not None else None
    if known is not None and _holds(known, state, rules.policy):
        board: Board = known
        return board
    if state.scheme is None:
        return None
    return drawn_up(state.releases, rules.policy, scheme_named(state.scheme))


def _holds(board: Board, state: TargetState, policy: Policy) -> bool:
    if board.releases is not state.releases or board.scheme.name != state.scheme:
        return False
    return board.policy is policy or board.policy == policy


def drawn_up(releases: Mapping[str, SeenRelease], policy: Policy, scheme: Scheme) -> Board:
    """Return the board of these releases, which say already whether they count."""
    same: dict[Key, tuple[str, ...]] = {}
    strangers = set()
    for tag, seen in releases.items():
        key = key_of(scheme.name, seen.version)
        if key is None:
            strangers.add(tag)
        else:
            same[key] = (*same.get(key, ()), tag)
    board = Board(
        releases=releases,
        policy=policy,
        scheme=scheme,
        same=same,
        ranked=(),
        strangers=frozenset(strangers),
        is_flickering=any(map(_is_flickering, releases.values())),
    )
    return replace(board, ranked=tuple(sorted(_placed(board, same), key=_PLACE)))


def amended(board: Board, releases: Mapping[str, SeenRelease], changed: Collection[str]) -> Board:
    """Return the board of these releases, which differ in these tags from those that it was drawn up for."""
    same, strangers = dict(board.same), set(board.strangers)
    moved: dict[Key, None] = {}
    for tag in changed:
        before, key = board.releases.get(tag), key_of(board.scheme.name, releases[tag].version)
        if before is not None and key_of(board.scheme.name, before.version) != key:
            return drawn_up(releases, board.policy, board.scheme)
        if key is None:
            strangers.add(tag)
            continue
        moved[key] = None
        if before is None:
            same[key] = (*same.get(key, ()), tag)
    is_flickering = board.is_flickering or any(_is_flickering(releases[tag]) for tag in changed)
    new = replace(
        board,
        releases=releases,
        same=same,
        strangers=frozenset(strangers),
        is_flickering=is_flickering and any(map(_is_flickering, releases.values())),
    )
    return replace(new, ranked=_reranked(new, moved))


def _reranked(board: Board, moved: Collection[Key]) -> tuple[tuple[Any, str], ...]:
    tags = {tag for key in moved for tag in board.same.get(key, ())}
    ranked = [pair for pair in board.ranked if pair[1] not in tags]
    for pair in _placed(board, moved):
        insort(ranked, pair, key=_PLACE)
    return tuple(ranked)


def _placed(board: Board, keys: Iterable[Key]) -> Iterator[tuple[Any, str]]:
    for key in keys:
        seen = board.release(key)
        if seen is not None and seen.eligible:
            place = place_of(board.scheme, seen.version, seen)
            if place is not None:
                yield place, seen.tag


def _is_flickering(seen: SeenRelease) -> bool:
    return 0 < seen.absent < GONE_AFTER


def _weight(seen: SeenRelease) -> int:
    return 2 if seen.eligible else int(is_listed(seen))


def current_run(state: TargetState) -> NamedRun | None:
    """Return the stretch that goes on, None while it is unknown what the metadata names."""
    if state.metadata.good_at is None or not state.runs or state.runs[-1].until_at is not None:
        return None
    return state.runs[-1]


def named_of(state: TargetState, board: Board) -> Named | None:
    """Return the highest version that the metadata names; None while that is unknown."""
    run = current_run(state)
    return None if run is None else highest(run.versions, board)


def highest(versions: tuple[str, ...], board: Board) -> Named | None:
    """Return the highest of these versions; None where none of them has a place."""
    best: Named | None = None
    for version in versions:
        key = key_of(board.scheme.name, version)
        if key is None:
            continue
        seen = board.release(key)
        place = place_of(board.scheme, version, seen)
        if place is not None and (best is None or place > best.place):
            best = Named(version=version, key=key, place=place, seen=seen)
    return best


def missing_of(board: Board, named: Named) -> tuple[SeenRelease, ...]:
    """Return the eligible releases that order above what is named, in rising order.

    A release that was named once and left is not missing where going back is allowed.
    """
    missing = []
    forgives = board.policy.rollback is Rollback.ALLOW
    for place, tag in reversed(board.ranked):
        if not place > named.place:
            break
        seen = board.releases[tag]
        if not (forgives and seen.named_at is not None):
            missing.append(seen)
    return tuple(reversed(missing))

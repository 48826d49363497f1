"""The releases as one policy and one scheme see them: which count, in which order, and what is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from monitor.checks.order import key_of, place_of
from monitor.model import NamedRun, Policy, Rollback, Rules, SeenRelease, TargetState
from monitor.versions import Scheme, scheme_named

GONE_AFTER = 2
"""Looks in a row that could show a release and do not, after which it is withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is derived from the releases alone. `eligible` rises; of equal versions it has one.

    `by_key` has one release a version, the one that counts most. `strangers` are listed and do not parse,
    `is_flickering` is whether a release is absent that is not withdrawn yet.
    """

    releases: Mapping[str, SeenRelease]
    policy: Policy
    scheme: Scheme
    by_key: Mapping[Any, SeenRelease]
    eligible: tuple[tuple[Any, SeenRelease], ...]
    strangers: tuple[str, ...]
    is_flickering: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The highest version that the metadata names, and the release of that version, if one was ever seen."""

    version: str
    key: Any
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
    return _drawn_up(state.releases, rules.policy, scheme_named(state.scheme))


def _holds(board: Board, state: TargetState, policy: Policy) -> bool:
    if board.releases is not state.releases or board.scheme.name != state.scheme:
        return False
    return board.policy is policy or board.policy == policy


def _drawn_up(releases: Mapping[str, SeenRelease], policy: Policy, scheme: Scheme) -> Board:
    by_key: dict[Any, SeenRelease] = {}
    strangers: list[str] = []
    name = scheme.name
    for seen in releases.values():
        key = key_of(name, seen.version)
        if key is None:
            if is_listed(seen):
                strangers.append(seen.version)
            continue
        other = by_key.get(key)
        if other is None or _weight(seen) > _weight(other):
            by_key[key] = seen
    placed = [(place_of(scheme, seen.version, seen), seen) for seen in by_key.values() if seen.eligible]
    return Board(
        releases=releases,
        policy=policy,
        scheme=scheme,
        by_key=by_key,
        eligible=tuple(sorted((pair for pair in placed if pair[0] is not None), key=itemgetter(0))),
        strangers=tuple(strangers),
        is_flickering=any(0 < seen.absent < GONE_AFTER for seen in releases.values()),
    )


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
        seen = board.by_key.get(key)
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
    for place, seen in reversed(board.eligible):
        if not place > named.place:
            break
        if not (forgives and seen.named_at is not None):
            missing.append(seen)
    return tuple(reversed(missing))

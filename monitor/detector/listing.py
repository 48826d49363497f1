"""Take in a look at the releases: what is new, back or absent, and whether that proves anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.checks.board import GONE_AFTER, is_gone
from monitor.detector import sides
from monitor.detector.work import Work
from monitor.model import (
    Failure,
    Observation,
    Reading,
    Reason,
    Release,
    SeenRelease,
    Side,
    SideState,
    TargetState,
)


def take_releases(work: Work, observation: Observation, at: datetime) -> None:
    """Take in one look at the releases."""
    state, outcome = work.state, observation.outcome
    if isinstance(outcome, Failure):
        _fail(work, observation, outcome, at)
        return
    if _is_known(state, outcome):
        side = sides.good(state.releases_side, outcome, observation.got, at)
        work.state = replace(state, releases_side=side, left_out=outcome.left_out)
        work.good.add(Side.RELEASES)
        return
    shown = {release.tag: release for release in outcome.releases}
    if not shown:
        _fail(
            work, observation, Failure(reason=Reason.MALFORMED, sentence="the list of releases is empty"), at
        )
        return
    absent = _absent(state, outcome, shown)
    if any(_is_news(seen, work) for seen in absent):
        work.state = replace(state, releases=_counted(state.releases, absent, at))
        work.changed.update(dict.fromkeys(seen.tag for seen in absent))
        _fail(work, observation, _shrunken(absent), at)
        return
    changed = _changed(state, shown, absent, at)
    releases = {**state.releases, **changed} if changed else state.releases
    side = _chained(sides.good(state.releases_side, outcome, observation.got, at), outcome, shown, state)
    work.is_listed_anew = bool(changed)
    work.changed.update(dict.fromkeys(changed))
    work.state = replace(state, releases=releases, releases_side=side, left_out=outcome.left_out)
    work.good.add(Side.RELEASES)


def _is_known(state: TargetState, reading: Reading) -> bool:
    """Return whether this very value was taken in last, and left nothing open."""
    if state.memo is None or state.memo.releases is not reading or state.memo.board is None:
        return False
    return not state.memo.board.is_flickering


def _fail(work: Work, observation: Observation, failure: Failure, at: datetime) -> None:
    change = sides.unseen if work.rules.is_blind and not failure.answered else sides.failed
    work.state = replace(work.state, releases_side=change(work.state.releases_side, failure, at))
    if observation.got.confirm:
        work.failed.add(Side.RELEASES)


def _is_news(seen: SeenRelease, work: Work) -> bool:
    """Return whether it is absent for the first time, so that the look proves nothing yet."""
    return work.rules.second_look and seen.absent + 1 < GONE_AFTER


def _shrunken(absent: tuple[SeenRelease, ...]) -> Failure:
    shown = ", ".join(seen.tag for seen in absent[:3]) + (", …" if len(absent) > 3 else "")
    return Failure(
        reason=Reason.MALFORMED,
        sentence=f"the list of releases lacks {len(absent)} that it had before: {shown}",
    )


def _absent(state: TargetState, reading: Reading, shown: Mapping[str, Release]) -> tuple[SeenRelease, ...]:
    """Return the releases that this reading could show and does not."""
    gone = tuple(seen for tag, seen in state.releases.items() if tag not in shown and not is_gone(seen))
    if reading.is_complete or not gone:
        return gone
    dates = [release.published_at for release in shown.values() if release.published_at is not None]
    if not dates:
        return ()
    oldest = min(dates)
    return tuple(seen for seen in gone if seen.published_at is not None and seen.published_at > oldest)


def _counted(
    releases: Mapping[str, SeenRelease], absent: tuple[SeenRelease, ...], at: datetime
) -> Mapping[str, SeenRelease]:
    counted = {
        seen.tag: replace(seen, absent=seen.absent + 1, withdrawn_at=seen.withdrawn_at or at)
        for seen in absent
    }
    return {**releases, **counted}


def _changed(
    state: TargetState, shown: Mapping[str, Release], absent: tuple[SeenRelease, ...], at: datetime
) -> Mapping[str, SeenRelease]:
    """Return the releases that a look which is believed has changed, as they are after it."""
    changed = {
        seen.tag: replace(seen, absent=GONE_AFTER, withdrawn_at=seen.withdrawn_at or at) for seen in absent
    }
    same = _same(state, shown)
    for tag, release in shown.items():
        seen = state.releases.get(tag)
        if seen is not None and tag in same and not seen.absent:
            continue
        merged = (
            _first(release, state.releases_side, at) if seen is None else _again(seen, release, state, at)
        )
        if merged is not seen:
            changed[tag] = merged
    return changed


def _same(state: TargetState, shown: Mapping[str, Release]) -> Collection[str]:
    """Return the tags of which the very same value was taken in before: nothing can be new about them."""
    before = None if state.memo is None else state.memo.releases
    if before is None:
        return ()
    known = {id(release) for release in before.releases}
    return {tag for tag, release in shown.items() if id(release) in known}


def _first(release: Release, side: SideState, at: datetime) -> SeenRelease:
    return SeenRelease(
        tag=release.tag,
        version=release.version,
        first_seen_at=at,
        published_at=release.published_at,
        published_is=release.published_is,
        lacked_at=side.complete_at,
        prerelease=release.prerelease,
        draft=release.draft,
        absent=GONE_AFTER if release.withdrawn else 0,
        withdrawn_at=at if release.withdrawn else None,
        link=release.link,
    )


def _again(seen: SeenRelease, release: Release, state: TargetState, at: datetime) -> SeenRelease:
    # Unread since its source changed is not gone: nobody withdrew it.
    was_gone = seen.draft or (is_gone(seen) and seen.withdrawn_at is not None)
    is_back = was_gone and not release.draft and not release.withdrawn
    published_at, published_is = seen.published_at, seen.published_is
    if release.published_at is not None and (published_at is None or is_back):
        published_at, published_is = release.published_at, release.published_is
    merged = replace(
        seen,
        version=release.version,
        published_at=published_at,
        published_is=published_is,
        lacked_at=state.releases_side.good_at if is_back else seen.lacked_at,
        prerelease=release.prerelease,
        draft=release.draft,
        absent=GONE_AFTER if release.withdrawn else 0,
        withdrawn_at=(seen.withdrawn_at or at) if release.withdrawn else None,
        link=release.link,
    )
    return seen if merged == seen else merged


def _chained(
    side: SideState, reading: Reading, shown: Mapping[str, Release], state: TargetState
) -> SideState:
    """Return the side with the chain of windows carried on, or begun anew where this one overlaps nothing."""
    before = state.releases_side
    known = before.window_tags if before.newest is not None else tuple(state.releases)
    overlaps = before.good_at is not None and any(tag in shown for tag in known)
    window_tags = () if reading.is_complete else tuple(shown)
    return replace(side, chain_at=before.chain_at if overlaps else side.looked_at, window_tags=window_tags)

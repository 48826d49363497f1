"""Take in a look at the metadata: what it names, and the stretches in which it named what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.checks.board import Board, board_of, highest, is_listed
from monitor.checks.clocks import stood
from monitor.checks.order import key_of
from monitor.detector import sides
from monitor.detector.scheme import rescued
from monitor.detector.work import Work
from monitor.model import Failure, NamedRun, Observation, Reading, Reason, Side, TargetState
from monitor.versions import excerpt, scheme_named


def take_metadata(work: Work, observation: Observation, at: datetime) -> None:
    """Take in one look at the metadata."""
    outcome = observation.outcome
    if isinstance(outcome, Failure):
        if outcome.reason is Reason.MALFORMED:
            _refuse(work, observation, outcome.sentence, at)
        else:
            _fail(work, observation, outcome, at)
        return
    texts = _texts(outcome)
    if not texts:
        _refuse(work, observation, "; ".join(outcome.left_out) or "the answer names no version", at)
        return
    versions = _versions(work, texts)
    if not versions:
        _refuse(work, observation, f"{excerpt(texts[0])} is not a version under {work.state.scheme}", at)
        return
    if _is_unordered(work.state, versions):
        _fail(work, observation, not_ordered(versions), at)
        work.ask(Side.RELEASES)
        return
    _name(work, observation, outcome, versions, at=at)


def _texts(reading: Reading) -> tuple[str, ...]:
    named = (each.version for each in reading.releases if not each.draft and not each.withdrawn)
    return tuple(dict.fromkeys(text for text in named if text))


def _versions(work: Work, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return what parses; all of it while no scheme is decided."""
    found = _parsed(work.state.scheme, texts)
    # A typo or a commit hash changes no scheme; a release that is out may.
    if not found and _are_listed(work.state, texts) and rescued(work, texts):
        found = _parsed(work.state.scheme, texts)
    return found


def _are_listed(state: TargetState, texts: tuple[str, ...]) -> bool:
    listed = {seen.version for seen in state.releases.values() if is_listed(seen)}
    return not listed.isdisjoint(texts)


def _parsed(scheme: str | None, texts: tuple[str, ...]) -> tuple[str, ...]:
    return texts if scheme is None else tuple(text for text in texts if key_of(scheme, text) is not None)


def _is_unordered(state: TargetState, versions: tuple[str, ...]) -> bool:
    """Return whether order is by publication, and nothing of what is named was ever published."""
    if state.scheme is None or not scheme_named(state.scheme).by_publication:
        return False
    if state.releases_side.good_at is None:
        return False
    dated = {seen.version for seen in state.releases.values() if seen.published_at is not None}
    return dated.isdisjoint(versions)


def not_ordered(versions: tuple[str, ...]) -> Failure:
    """Return why this look failed: order is by publication, and what is named has none."""
    sentence = (
        f"{excerpt(versions[0])} is not in the list of releases, and cannot be ordered by its publication"
    )
    return Failure(reason=Reason.MALFORMED, sentence=sentence)


def _fail(work: Work, observation: Observation, failure: Failure, at: datetime) -> None:
    change = sides.unseen if work.rules.is_blind and not failure.answered else sides.failed
    work.state = replace(work.state, metadata=change(work.state.metadata, failure, at))
    if observation.got.confirm:
        work.failed.add(Side.METADATA)


def _refuse(work: Work, observation: Observation, sentence: str, at: datetime) -> None:
    work.state = replace(work.state, metadata=sides.malformed(work.state.metadata, sentence, at))
    if observation.got.confirm:
        work.failed.add(Side.METADATA)


def _name(
    work: Work, observation: Observation, reading: Reading, versions: tuple[str, ...], *, at: datetime
) -> None:
    state = work.state
    runs = state.runs
    current = runs[-1] if runs and runs[-1].until_at is None else None
    if current is None or not _are_same(work, current.versions, versions):
        if current is not None:
            runs = (*runs[:-1], replace(current, until_at=at))
        runs = (*runs, NamedRun(versions=versions, from_at=at))
        work.is_named_anew = True
    elif current.versions != versions:
        runs = (*runs[:-1], replace(current, versions=versions))
    metadata = sides.good(state.metadata, reading, observation.got, at)
    work.state = replace(state, metadata=metadata, runs=runs)
    work.good.add(Side.METADATA)


def _are_same(work: Work, before: tuple[str, ...], now: tuple[str, ...]) -> bool:
    """Return whether the highest version that is named is the same, whatever comes and goes below it."""
    if before == now:
        return True
    board = board_of(work.state, work.rules)
    if board is None:
        return set(before) == set(now)
    left, right = highest(before, board), highest(now, board)
    return left is not None and right is not None and left.key == right.key


def pruned(runs: tuple[NamedRun, ...], board: Board) -> tuple[NamedRun, ...]:
    """Return the stretches that still say something: the current one, and what was covered and then left.

    A stretch is of no use once a later one reached as high: the metadata has stopped covering it again since.
    """
    kept: list[NamedRun] = []
    top = None
    for run in reversed(runs):
        if run.until_at is None:
            kept.append(run)
            continue
        named = highest(run.listed, board) if stood(run, run.until_at) else None
        if named is not None and (top is None or named.place > top):
            kept.append(run)
            top = named.place
    return tuple(reversed(kept)) if len(kept) < len(runs) else runs

"""Which scheme is in force: the policy's, or under `auto` the one that is decided once and then kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.checks.board import current_run, is_listed
from monitor.checks.order import key_of
from monitor.detector import sides
from monitor.detector.work import Work
from monitor.errors import ParseError
from monitor.model import Event, EventKind, Side, TargetState
from monitor.versions import AUTO, decide

_PERCENT = 90


def started(work: Work) -> None:
    """Put the policy's own scheme in force before the first look, so that one is judged like any other."""
    wanted = work.rules.policy.scheme
    if work.state.scheme is None and wanted != AUTO:
        work.state = replace(work.state, scheme=wanted)


def settle(work: Work, before: TargetState, at: datetime) -> None:
    """Put the scheme in force; decide it, where that is left to us, once both sides are known."""
    wanted = work.rules.policy.scheme
    if wanted != AUTO:
        _use(work, wanted, at)
        return
    run = current_run(work.state)
    if run is None or work.state.releases_side.good_at is None:
        return
    if work.state.scheme is not None:
        if work.is_listed_anew and not _fits(work.state.scheme, _tags(work.state)):
            rescued(work, run.versions)
        return
    try:
        _use(work, decide(run.versions, _tags(work.state)), at)
    except ParseError as error:
        _refuse(work, before, str(error), at)


def rescued(work: Work, named: tuple[str, ...]) -> bool:
    """Change to a scheme that fits what is said now, where the decided one does not, if there is one."""
    if work.rules.policy.scheme != AUTO or work.state.scheme is None:
        return False
    try:
        decided = decide(named, _tags(work.state))
    except ParseError:
        return False
    _use(work, decided, work.now)
    return True


def _use(work: Work, scheme: str, at: datetime) -> None:
    before = work.state.scheme
    if before == scheme:
        return
    work.state = replace(work.state, scheme=scheme)
    if before is None:
        return
    # What stands under one order says nothing of the other: this step neither fires nor resolves.
    work.is_settled = False
    sentence = f"versions are compared by {scheme} from now on, by {before} before"
    work.events.append(
        Event(kind=EventKind.SCHEME_CHANGED, target=work.state.target, at=at, sentence=sentence)
    )


def _tags(state: TargetState) -> tuple[str, ...]:
    return tuple(seen.version for seen in state.releases.values() if is_listed(seen))


def _fits(scheme: str, tags: tuple[str, ...]) -> bool:
    parsed = sum(key_of(scheme, tag) is not None for tag in tags)
    return parsed * 100 >= len(tags) * _PERCENT


def _refuse(work: Work, before: TargetState, sentence: str, at: datetime) -> None:
    """Take back the good look that nothing can be made of: the side that fits no scheme is malformed."""
    side = _culprit(work.state)
    known = before.side(side)
    refused = sides.malformed(
        replace(
            work.state.side(side), good_at=None, malformed_at=known.malformed_at, malformed=known.malformed
        ),
        sentence,
        at,
    )
    if side is Side.METADATA:
        work.state = replace(work.state, metadata=refused, runs=work.state.runs[:-1])
    else:
        work.state = replace(work.state, releases_side=refused)
    work.good.discard(side)


def _culprit(state: TargetState) -> Side:
    try:
        decide((), _tags(state))
    except ParseError:
        return Side.RELEASES
    return Side.METADATA

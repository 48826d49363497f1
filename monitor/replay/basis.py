"""What the figures of a replay rest on."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import SinceClock
from monitor.replay.player import Replay


def basis(replay: Replay) -> Iterator[str]:
    """Yield what the figures rest on, where that is not what a reader expects."""
    state = replay.state
    wanted = replay.rules.policy.scheme
    if state.scheme is None:
        yield "no scheme could be decided: both sides must have said something"
    elif state.scheme != wanted:
        yield f"versions are compared by {state.scheme}, which {wanted} came to"
    known_by = {seen.published_is for seen in state.releases.values() if seen.published_at is not None}
    if SinceClock.COMMITTED in known_by:
        yield (
            "releases are dated by their commits, a lower bound: they were published later, so drifts look"
            " longer than they were"
        )
    if SinceClock.TAGGED in known_by:
        yield "releases are dated by their annotated tags, which may be older than their publication"

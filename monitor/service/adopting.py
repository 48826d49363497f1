"""Bring what is remembered of a target under the configuration in force, at a start and at a reload alike."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from monitor import detector, sources
from monitor.model import Marks, Rules, Target, TargetState


def marks_of(target: Target) -> Marks:
    """Return the digests of what this target's state depends on.

    A side depends on its source and on the pattern that its texts go through; a credential is there by name.
    """
    policy = target.policy
    return Marks(
        metadata=_digest(target.metadata, sources.pattern_of(target.metadata)),
        releases=_digest(target.releases, policy.tags or sources.pattern_of(target.releases)),
        scheme=policy.scheme,
        policy=_digest(policy),
    )


def adopt(state: TargetState, target: Target, now: datetime) -> TargetState:
    """Return the state with the sides that are configured otherwise unknown until they are read again."""
    return detector.adopted(state, marks_of(target), now)


def rules_of(target: Target, state: TargetState, started_at: datetime) -> Rules:
    """Return what this target's judgements go by in this run."""
    return Rules(
        target=target.name,
        policy=target.policy,
        interval=target.interval,
        started_at=started_at,
        policy_at=state.marks.policy_at,
    )


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()

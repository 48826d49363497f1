"""Targets as they stand, for what is shown of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor import detector, status
from monitor.model import (
    AlertState,
    Failure,
    Got,
    Observation,
    Policy,
    Reading,
    Reason,
    Release,
    Rules,
    Side,
    Source,
    Target,
    TargetState,
)
from monitor.sources import kind_named
from tests.telling import NAME, PUBLISHED_AT, after

POLICY = Policy(scheme="calver")
TARGET = Target(
    name=NAME,
    metadata=Source(
        kind="json", spec=kind_named("json").spec(url="https://example.org/latest-release.json", path="$.tag")
    ),
    releases=Source(kind="github", spec=kind_named("github").spec(repo="astral-sh/python-build-standalone")),
    policy=POLICY,
    labels={"team": "toolchain"},
)
RULES = Rules(target=NAME, policy=POLICY, second_look=False)
NOTHING = TargetState(target=NAME)
DOWN = Failure(reason=Reason.UNREACHABLE, sentence="example.org did not answer", answered=False)


def releases(*tags: str, newest: int | None = None) -> Reading:
    """Return a list of these tags, each out at 15:40 UTC on its own day."""
    found = (
        Release(
            tag=tag,
            version=tag,
            published_at=PUBLISHED_AT.replace(year=int(tag[:4]), month=int(tag[4:6]), day=int(tag[6:])),
            prerelease=False,
        )
        for tag in tags
    )
    return Reading(releases=tuple(found), newest=newest, link="https://github.com/astral-sh")


def named(tag: str) -> Reading:
    return Reading(releases=(Release(tag=tag, version=tag),), link="https://example.org/latest-release.json")


def seen(state: TargetState, side: Side, outcome: Reading | Failure, **span: float) -> TargetState:
    """Return the state after one look at this side, this long after the founding alert fired."""
    age = None if isinstance(outcome, Failure) else timedelta(seconds=12)
    at = after(**span)
    look = Observation(target=NAME, side=side, at=at, outcome=outcome, got=Got(cache_age_for=age))
    return detector.step(state, look, at, RULES).state


def watched(names: str = "20241008", *, state: TargetState = NOTHING, **span: float) -> TargetState:
    """Return the state after a look at both sides; 20241016 is out."""
    listed = seen(state, Side.RELEASES, releases("20241002", "20241008", "20241016"), **span)
    return numbered(seen(listed, Side.METADATA, named(names), **span))


def numbered(state: TargetState) -> TargetState:
    """Return the state with 17 as the number of whatever has fired."""
    given = (
        replace(alert, id=17) if alert.state is not AlertState.PENDING else alert for alert in state.alerts
    )
    return replace(state, alerts=tuple(given))


def draw(state: TargetState = NOTHING, *, target: Target = TARGET, **given: Any) -> status.Status:
    """Return the picture of this one target, five hours after the founding alert fired."""
    plain = {"now": after(hours=5), "version": "0.1.0", "targets": {NAME: target}, "states": {NAME: state}}
    return status.picture(**(plain | given))


def shown(state: TargetState = NOTHING, **given: Any) -> status.TargetStatus:
    (target,) = draw(state, **given).targets
    return target

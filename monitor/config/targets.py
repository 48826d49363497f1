"""The sections [targets.<name>]: what is watched, by which policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.config.daemon import LEAST
from monitor.config.durations import written
from monitor.config.ground import NAME, Ground, Place, check_texts, named_tables
from monitor.config.policies import overridden
from monitor.config.problems import quoted
from monitor.config.sides import read_side
from monitor.config.tables import TargetTable, validated
from monitor.config.values import DaemonConfig
from monitor.model import Policy, Side, Source, Target
from monitor.sources import kind_named
from monitor.versions import AUTO, scheme_named

MOST_SHOWN_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a target takes from the other sections; `credentials` are the names that are given there."""

    daemon: DaemonConfig
    policy: Policy
    credentials: frozenset[str]


def read_targets(document: Mapping[str, Any], around: Surroundings, ground: Ground) -> dict[str, Target]:
    """Return the targets that are right, by name."""
    targets = {}
    for name, value in named_tables(document, "targets", ground.problems):
        target = _target(name, value, around, ground)
        if target is not None:
            targets[name] = target
    _check_was(targets, document.get("targets", {}), ground)
    return targets


def _target(name: str, value: Any, around: Surroundings, ground: Ground) -> Target | None:
    place, before = ("targets", name), len(ground.problems.found)
    sides = _sides(value, place, around, ground)
    table = validated(TargetTable, value, place, ground.problems)
    if table is None:
        return None
    policy = overridden(around.policy, table, place, ground)
    check_texts(table.labels, (*place, "labels"), ground.problems)
    if table.interval is not None and table.interval < LEAST["interval"]:
        ground.problems.add(
            (*place, "interval"), f"it is too short; want at least {written(LEAST['interval'])}"
        )
    if table.was is not None and not NAME.fullmatch(table.was):
        ground.problems.add((*place, "was"), "want the name that this target had before")
    if len(sides) < len(Side):
        return None
    if len(ground.problems.found) == before:
        _check_dates(policy, sides[Side.RELEASES], place, ground)
    return Target(
        name=name,
        metadata=sides[Side.METADATA],
        releases=sides[Side.RELEASES],
        policy=policy,
        interval=around.daemon.interval if table.interval is None else table.interval,
        labels=table.labels,
        was=table.was,
    )


def _sides(value: Any, place: Place, around: Surroundings, ground: Ground) -> dict[Side, Source]:
    """Return the sides that are right, read even where another key of the target is wrong."""
    sides = {}
    for side in Side:
        if isinstance(value, Mapping) and side.value in value:
            source = read_side(value[side.value], (*place, side.value), ground)
            if source is not None:
                _check_credentials(source, (*place, side.value), around, ground)
                sides[side] = source
    return sides


def _check_credentials(source: Source, place: Place, around: Surroundings, ground: Ground) -> None:
    kind = kind_named(source.kind)
    for name in kind.credentials(source.spec):
        if name in around.credentials:
            continue
        keys = [
            key
            for key in getattr(source.spec, "__dataclass_fields__", ())
            if getattr(source.spec, key) == name
        ]
        where = (*place, *keys[:1])
        if (
            not NAME.fullmatch(name)
            or len(name) > MOST_SHOWN_NAME - 1
            or name.startswith(("ghp_", "gho_", "ghs_"))
        ):
            # Somebody may have put the secret itself here; it is not shown.
            ground.problems.add(
                where, "want the name of a credential, not its value; keep it in [credentials.NAME]"
            )
        else:
            ground.problems.unknown_name(where, name, around.credentials, "credential")


def _check_dates(policy: Policy, releases: Source, place: Place, ground: Ground) -> None:
    by_publication = policy.scheme != AUTO and scheme_named(policy.scheme).by_publication
    if by_publication and not kind_named(releases.kind).has_dates(releases.spec):
        ground.problems.add(
            (*place, "releases"),
            f"the scheme {quoted(policy.scheme)} orders by publication, and this source has no dates",
        )


def _check_was(targets: Mapping[str, Target], named: Any, ground: Ground) -> None:
    heirs: dict[str, str] = {}
    for target in targets.values():
        if target.was is None:
            continue
        place = ("targets", target.name, "was")
        if target.was in named:
            ground.problems.add(
                place, f"there is a target {quoted(target.was)}; take one of the two names away"
            )
        elif target.was in heirs:
            ground.problems.add(
                place, f"{quoted(heirs[target.was])} says so too; a history goes to one target"
            )
        heirs.setdefault(target.was, target.name)

"""The list [[routes]]: who is told of what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from monitor.config.ground import Ground, Place, check_texts
from monitor.config.problems import shown
from monitor.config.tables import RouteTable, validated
from monitor.model import CheckName, Route, Severity, Target

E = TypeVar("E", Severity, CheckName)


def read_routes(value: Any, receivers: Collection[str], ground: Ground) -> tuple[Route, ...]:
    """Return the routes that are right; `receivers` are the names there are."""
    if not isinstance(value, list):
        ground.problems.add(("routes",), f"found {shown(value)}; want one [[routes]] for each")
        return ()
    routes = (_route(table, ("routes", index), receivers, ground) for index, table in enumerate(value))
    return tuple(route for route in routes if route is not None)


def warn_of_labels(routes: tuple[Route, ...], targets: Mapping[str, Target], ground: Ground) -> None:
    """Note routes whose labels no target has."""
    for index, route in enumerate(routes):
        matched = (target.labels.items() >= route.labels.items() for target in targets.values())
        if route.labels and targets and not any(matched):
            ground.problems.warn(
                ("routes", index, "labels"), "no target has these labels, so nothing goes this way"
            )


def _route(value: Any, place: Place, receivers: Collection[str], ground: Ground) -> Route | None:
    table = validated(RouteTable, value, place, ground.problems)
    if table is None:
        return None
    if not table.receivers:
        ground.problems.add((*place, "receivers"), "it is empty, so nobody would be told")
    for index, name in enumerate(table.receivers):
        if name not in receivers:
            ground.problems.unknown_name((*place, "receivers", index), name, receivers, "receiver")
    check_texts(table.labels, (*place, "labels"), ground.problems)
    return Route(
        receivers=tuple(dict.fromkeys(table.receivers)),
        labels=table.labels,
        severities=_members(Severity, table.severities, (*place, "severities"), "severity", ground),
        checks=_members(CheckName, table.checks, (*place, "checks"), "check", ground),
    )


def _members(kind: type[E], names: tuple[str, ...], place: Place, what: str, ground: Ground) -> tuple[E, ...]:
    known = {member.value: member for member in kind}
    for index, name in enumerate(names):
        if name not in known:
            ground.problems.unknown_name((*place, index), name, known, what)
    return tuple(known[name] for name in names if name in known)

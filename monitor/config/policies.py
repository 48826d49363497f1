"""What [policy] and a target say about what counts, and when somebody is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from monitor import sources, versions
from monitor.config.durations import written
from monitor.config.ground import Ground, Place
from monitor.config.tables import Table, given_in, table_of, validated, values_of
from monitor.errors import ParseError
from monitor.model import Policy

KEYS = tuple(field.name for field in fields(Policy))
# More often than this is no repetition but a flood.
LEAST_REPEAT = timedelta(minutes=1)


def read_policy(value: Any, ground: Ground) -> Policy:
    """Return the policy of targets that say nothing else."""
    table = validated(table_of(Policy), value, ("policy",), ground.problems)
    return Policy() if table is None else overridden(Policy(), table, ("policy",), ground)


def overridden(policy: Policy, table: Table, place: Place, ground: Ground) -> Policy:
    """Return the policy with what this table says in place of what it said; only that is checked here."""
    given = {key: value for key, value in values_of(table).items() if key in given_in(table) and key in KEYS}
    for key in given.keys() & _CHECKS.keys():
        problem = _CHECKS[key](given[key])
        if problem:
            ground.problems.add((*place, key), problem)
            del given[key]
    return replace(policy, **given)


def _scheme(name: str) -> str | None:
    if name == versions.AUTO:
        return None
    try:
        versions.scheme_named(name)
    except ParseError as error:
        return str(error)
    return None


def _tags(pattern: str | None) -> str | None:
    return None if pattern is None else sources.problem_with(pattern)


def _repeat_every(span: timedelta) -> str | None:
    return f"it is too short; want at least {written(LEAST_REPEAT)}" if span < LEAST_REPEAT else None


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "scheme": _scheme,
    "tags": _tags,
    "repeat_every": _repeat_every,
}

"""From a scenario's file to values; README.md beside it says what the keys mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.config.durations import parse_duration
from monitor.model import CheckName, Policy, Rollback, Switch

FOLDER = Path(__file__).parent
_SPANS = {part.name for part in fields(Policy) if part.type == "timedelta"}


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What happens at one instant, as the file has it."""

    time: datetime
    what: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One timeline and what must come of it."""

    name: str
    about: str
    runners: tuple[str, ...]
    start: datetime
    end: datetime
    interval: timedelta
    target: str
    receivers: tuple[str, ...]
    policy: Policy
    happenings: tuple[Happening, ...]
    alerts: tuple[Mapping[str, Any], ...]
    messages: tuple[Mapping[str, Any], ...] = field(default=())


def scenarios(runner: str) -> tuple[Scenario, ...]:
    """Return all that this runner plays, by name."""
    every = (load(path) for path in sorted(FOLDER.glob("*.toml")))
    return tuple(each for each in every if runner in each.runners)


def load(path: Path) -> Scenario:
    raw = tomllib.loads(path.read_text())
    start = raw["start"]
    first = {key: raw[key] for key in ("metadata", "releases") if key in raw}
    later = [_happening(dict(each)) for each in raw.get("at", ())]
    return Scenario(
        name=path.stem,
        about=raw["about"],
        runners=tuple(raw.get("runners", ("detector", "daemon"))),
        start=start,
        end=raw["end"],
        interval=parse_duration(raw.get("interval", "5m")),
        target=raw.get("target", "target"),
        receivers=tuple(raw.get("receivers", ())),
        policy=policy_of(raw.get("policy", {}), Policy()),
        happenings=(Happening(time=start, what=first), *sorted(later, key=lambda each: each.time)),
        alerts=tuple(raw.get("alert", ())),
        messages=tuple({"check": CheckName.BEHIND.value, **each} for each in raw.get("message", ())),
    )


def policy_of(table: Mapping[str, Any], before: Policy) -> Policy:
    """Return the policy with these keys changed."""
    changes: dict[str, Any] = {key: _value(key, value) for key, value in table.items()}
    known = {part.name: getattr(before, part.name) for part in fields(Policy)}
    return Policy(**{**known, **changes})


def _value(key: str, value: Any) -> Any:
    if key in _SPANS:
        return parse_duration(value)
    if key == "rollback":
        return Rollback(value)
    if key == "unlisted":
        return Switch(value)
    return tuple(value) if isinstance(value, list) else value


def _happening(what: dict[str, Any]) -> Happening:
    return Happening(time=what.pop("time"), what=what)

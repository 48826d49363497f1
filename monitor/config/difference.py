"""What a reload changes, and a short name for what is in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b

from monitor.config.showing import shown_tables
from monitor.config.values import Config
from monitor.model import Side, Target
from monitor.sources import pattern_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one target changed; `sides` must be read again before they are known."""

    sides: frozenset[Side] = frozenset()
    scheme: bool = False
    policy: bool = False
    interval: bool = False
    labels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is otherwise than it was; `renamed` is new name to old, and is neither added nor removed.

    `daemon` are the keys of that section, secrets included, `receivers` the names whose URL is new or other.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, Change] = field(default_factory=dict)
    receivers: tuple[str, ...] = ()
    receivers_removed: tuple[str, ...] = ()
    routes: bool = False
    daemon: tuple[str, ...] = ()


def difference(old: Config, new: Config) -> Difference:
    """Return what a daemon that runs by the old configuration has to do for the new one."""
    renamed = {
        target.name: target.was for target in new.targets.values() if target.was and _is_heir(target, old)
    }
    befores = {name: old.targets.get(renamed.get(name, name)) for name in new.targets}
    changes = {name: _change(before, new.targets[name]) for name, before in befores.items() if before}
    return Difference(
        added=tuple(name for name, before in befores.items() if before is None),
        removed=tuple(sorted(old.targets.keys() - new.targets.keys() - set(renamed.values()))),
        renamed=renamed,
        changed={name: change for name, change in changes.items() if change != Change()},
        receivers=tuple(name for name, url in new.receivers.items() if old.receivers.get(name) != url),
        receivers_removed=tuple(sorted(old.receivers.keys() - new.receivers.keys())),
        routes=old.routes != new.routes,
        daemon=tuple(
            each.name
            for each in fields(new.daemon)
            if getattr(old.daemon, each.name) != getattr(new.daemon, each.name)
        ),
    )


def digest(config: Config) -> str:
    """Return 16 hexadecimal digits that change with anything but the value of a secret."""
    contents = {
        place: repr(getattr(config.targets[name].source(Side(side)).spec, key))
        for place in config.files
        for name, side, key in [_parts(place)]
    }
    text = json.dumps([shown_tables(config), contents], sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _is_heir(target: Target, old: Config) -> bool:
    """Return whether the target is new under this name and has the history of an old one."""
    return target.was in old.targets and target.name not in old.targets


def _parts(place: str) -> tuple[str, str, str]:
    name, side, key = place.removeprefix("targets.").rsplit(".", 2)
    return name, side, key


def _change(before: Target, after: Target) -> Change:
    sides = {side for side in Side if _said(before, side) != _said(after, side)}
    return Change(
        sides=frozenset(sides),
        scheme=before.policy.scheme != after.policy.scheme,
        policy=before.policy != after.policy,
        interval=before.interval != after.interval,
        labels=before.labels != after.labels,
    )


def _said(target: Target, side: Side) -> object:
    """Return what decides what a side says: its source, and the pattern that makes versions of its texts."""
    source = target.source(side)
    return source, target.policy.tags if side is Side.RELEASES else pattern_of(source)

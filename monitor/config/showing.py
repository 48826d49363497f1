"""A configuration as it could have been written with nothing left to a default, and how that is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from monitor.config.durations import written
from monitor.config.values import Config, Reference
from monitor.model import Side, Source, Target

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def shown_tables(config: Config) -> dict[str, Any]:
    """Return tables that TOML and JSON can hold; each secret is the reference to where it is kept."""
    tables = {
        "daemon": _daemon(config),
        "credentials": {name: _kept(config, "credentials", name) for name in config.credentials},
        "receivers": {
            name: {"url": _kept(config, "receivers", name, "url") or url}
            for name, url in config.receivers.items()
        },
        "routes": [_plain(_fields(route)) for route in config.routes],
        "policy": _plain(_fields(config.policy)),
        "targets": {target.name: _target(config, target) for target in config.targets.values()},
    }
    return {section: table for section, table in tables.items() if table}


def recorded(config: Config) -> str:
    """Return as JSON what a history has to know of a configuration: each target's sides and policy."""
    return json.dumps({name: _target(config, target) for name, target in config.targets.items()})


def _daemon(config: Config) -> dict[str, Any]:
    values = _fields(config.daemon)
    for key in values:
        values[key] = _kept(config, "daemon", key) or values[key]
    return _plain(values)


def _target(config: Config, target: Target) -> dict[str, Any]:
    sides = {side.value: _source(config, target, side) for side in Side}
    rest = {"interval": target.interval, "was": target.was, **_fields(target.policy), "labels": target.labels}
    return {**sides, **_plain(rest)}


def _source(config: Config, target: Target, side: Side) -> dict[str, Any]:
    source: Source = target.source(side)
    values = _fields(source.spec)
    for key in values:
        values[key] = config.files.get(f"targets.{target.name}.{side}.{key}", values[key])
    return {"kind": source.kind, **_plain(values)}


def _kept(config: Config, *place: str) -> dict[str, str] | None:
    reference: Reference | None = config.references.get(".".join(place))
    return None if reference is None else {reference.by: reference.at}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what TOML can hold of these; it has nothing for None, nor needs it for an empty table."""
    return {key: _value(value) for key, value in values.items() if value is not None and value != {}}


def _value(value: Any) -> Any:
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _value(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [_value(part) for part in value]
    return value


# --- TOML ----------------------------------------------------------------------------------------


def written_toml(document: Mapping[str, Any]) -> str:
    """Return TOML; a section's tables have headers of their own, tables within those stand inline."""
    blocks: list[str] = []
    for section, value in document.items():
        blocks += _blocks(_key(section), value)
    return "\n\n".join(blocks) + "\n"


def _blocks(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value and all(isinstance(part, Mapping) for part in value.values()):
        for key, part in value.items():
            yield _block(f"[{name}.{_key(key)}]", part)
    elif isinstance(value, Mapping):
        if value:
            yield _block(f"[{name}]", value)
    else:
        for part in value:
            yield _block(f"[[{name}]]", part)


def _block(header: str, table: Mapping[str, Any]) -> str:
    return "\n".join([header, *(f"{_key(key)} = {_inline(value)}" for key, value in table.items())])


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(part)}" for key, part in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_inline, value)) + "]"
    # JSON writes texts, numbers and truth as TOML does, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _inline(name)

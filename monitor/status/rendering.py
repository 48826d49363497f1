"""A status as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from monitor.status.values import Status


def to_json(status: Status) -> dict[str, Any]:
    """Return the status as `json` takes it: instants `2024-02-26T03:18:47Z`, spans in seconds.

    A field `x_for` becomes `x_seconds`; a count follows every `missing`. All other names stay.
    """
    rendered: dict[str, Any] = plain(status)
    return rendered


def plain(value: Any) -> Any:
    """Return any value of a status, or the model, as `json` takes it; whole seconds are integers."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(held) for key, held in value.items()}
    if isinstance(value, tuple):
        return [plain(held) for held in value]
    return _object(value) if is_dataclass(value) else value


def _object(value: Any) -> dict[str, Any]:
    rendered: dict[str, Any] = {}
    for each in fields(value):
        held = getattr(value, each.name)
        rendered[_key(each.name)] = plain(held)
        if each.name == "missing":
            rendered["missing_count"] = len(held)
    return rendered


def _key(name: str) -> str:
    return f"{name.removesuffix('_for')}_seconds" if name.endswith("_for") else name

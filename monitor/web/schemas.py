"""JSON Schemas of values, by the same rules by which `status.plain` writes them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]
INSTANT: Schema = {"type": "string", "format": "date-time", "examples": ["2024-10-16T15:40:00Z"]}
PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    datetime: INSTANT,
    timedelta: {"type": "number", "description": "seconds"},
    Any: {},
}


def schema_of(kind: Any, known: dict[str, Schema]) -> Schema:
    """Return the schema of a type; classes are put into `known` by name, and referred to."""
    if kind in PLAIN:
        return dict(PLAIN[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if is_dataclass(kind) and isinstance(kind, type):
        return _of_class(kind, known)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [schema_of(part, known) for part in parts]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(parts[1], known)}
    return {"type": "array", "items": schema_of(parts[0], known)}


def _of_class(kind: type, known: dict[str, Schema]) -> Schema:
    if kind.__name__ not in known:
        known[kind.__name__] = {}
        known[kind.__name__] = _object(kind, known)
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _object(kind: type, known: dict[str, Schema]) -> Schema:
    hints = _hints(kind)
    properties: dict[str, Schema] = {}
    for each in fields(kind):
        properties[_key(each.name)] = schema_of(hints[each.name], known)
        if each.name == "missing":
            properties["missing_count"] = {"type": "integer"}
    document = (kind.__doc__ or "").strip().partition("\n")[0]
    return {
        "type": "object",
        "description": document,
        "properties": properties,
        "required": list(properties),
    }


def _key(name: str) -> str:
    return f"{name.removesuffix('_for')}_seconds" if name.endswith("_for") else name


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)

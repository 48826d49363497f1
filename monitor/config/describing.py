"""The JSON Schema of the file, for editors; made from the tables that read it, so that it cannot be wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from monitor.config.durations import written
from monitor.config.ground import NAME
from monitor.config.secrets import WAYS
from monitor.config.tables import DaemonTable, ReceiverTable, RouteTable, Table, TargetTable, table_of
from monitor.model import CheckName, Policy, Severity, Side
from monitor.sources import Kind, kinds

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SECRET = {"$ref": "#/$defs/secret"}


class Generator(GenerateJsonSchema):
    """Pydantic's generator, for a language with our durations and without null."""

    def encode_default(self, dft: Any) -> Any:
        """Write a duration as people do."""
        return written(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def nullable_schema(self, schema: Any) -> Any:
        """TOML has no null: what may be absent is simply not required."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> Any:
        """Say nothing of a default that is the absence of a value."""
        described = super().default_schema(schema)
        return {key: part for key, part in described.items() if not (key == "default" and part is None)}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 pydantic's signature
        """No titles: they would repeat the keys."""
        return False


def schema_of_file() -> dict[str, Any]:
    """Return the whole schema."""
    definitions: dict[str, Any] = {"secret": _secret()}
    described = {
        "daemon": _table(
            DaemonTable, definitions, heartbeat_url=_url_or_secret(), token=SECRET, hook_secret=SECRET
        ),
        "credentials": _by_name(SECRET),
        "receivers": _by_name(_table(ReceiverTable, definitions, url=_url_or_secret())),
        "routes": {"type": "array", "items": _route(definitions)},
        "policy": _table(table_of(Policy), definitions),
        "targets": _by_name(_target(definitions)),
    }
    return {
        "$schema": DIALECT,
        "title": "tagdrift",
        "type": "object",
        "properties": described,
        "additionalProperties": False,
        "$defs": definitions,
    }


def kinds_of_source() -> list[dict[str, Any]]:
    """Return name, summary, keys and example of each kind; a key may have no default and be absent."""
    return [
        {"name": kind.name, "summary": kind.summary, "keys": _keys(kind), "example": kind.example}
        for kind in kinds().values()
    ]


def _keys(kind: Kind) -> list[dict[str, Any]]:
    spec: type = kind.spec
    definitions: dict[str, Any] = {}
    described = _table(table_of(spec), definitions)
    keys = []
    for name, key in described["properties"].items():
        resolved = {**definitions.get(key.get("$ref", "").rpartition("/")[2], {}), **key}
        keys.append(
            {
                "name": name,
                "required": name in described.get("required", ()),
                "type": resolved.get("type", ""),
                **{part: resolved[part] for part in ("default", "enum") if part in resolved},
                "help": key.get("description", ""),
            }
        )
    return keys


def _table(table: type[Table], definitions: dict[str, Any], **instead: Any) -> dict[str, Any]:
    described = table.model_json_schema(schema_generator=Generator)
    definitions.update(described.pop("$defs", {}))
    for key, part in instead.items():
        about = described["properties"][key].get("description")
        described["properties"][key] = {**part, "description": about} if about else part
    described.pop("title", None)
    return described


def _target(definitions: dict[str, Any]) -> dict[str, Any]:
    sides = []
    for kind in kinds().values():
        spec: type = kind.spec
        side = _table(table_of(spec), definitions)
        side["properties"] = {"kind": {"const": kind.name}, **side["properties"]}
        side["required"] = ["kind", *side.get("required", [])]
        sides.append({**side, "description": kind.summary})
    definitions["source"] = {"oneOf": sides}
    source = {"$ref": "#/$defs/source"}
    return _table(TargetTable, definitions, **{side.value: source for side in Side})


def _route(definitions: dict[str, Any]) -> dict[str, Any]:
    severities = {"type": "array", "items": {"enum": [severity.value for severity in Severity]}}
    checks = {"type": "array", "items": {"enum": [check.value for check in CheckName]}}
    return _table(RouteTable, definitions, severities=severities, checks=checks)


def _by_name(described: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "patternProperties": {f"^{NAME.pattern}$": described},
        "additionalProperties": False,
    }


def _secret() -> dict[str, Any]:
    return {
        "description": "Where a secret is kept: systemd's credential, an environment variable, or a file.",
        "type": "object",
        "properties": {way: {"type": "string", "minLength": 1} for way in WAYS},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _url_or_secret() -> dict[str, Any]:
    return {"anyOf": [SECRET, {"type": "string", "pattern": "://"}]}

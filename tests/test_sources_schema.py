"""Local validation by a JSON Schema: what it refuses, and what a document cannot make it do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.sources.validation import problem_with_schema
from tests.dialogues import URL, refusal, tags
from tests.effort import work_of

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["tag", "version"],
    "properties": {"tag": {"type": "string", "pattern": "^[0-9]{8}$"}, "version": {"const": 1}},
}

GOOD = [
    pytest.param(SCHEMA, {"tag": "20241016", "version": 1}, id="a whole schema"),
    pytest.param({}, {"tag": "1"}, id="an empty schema"),
    pytest.param(
        {"properties": {"tag": {"pattern": "x"}}},
        {"tag": "axb"},
        id="a pattern may match anywhere",
    ),
    pytest.param({"pattern": "x"}, {"tag": "1"}, id="a pattern is for texts"),
    pytest.param(
        {"patternProperties": {"^n": {"type": "number"}}},
        {"tag": "1", "n1": 1},
        id="names by pattern",
    ),
    pytest.param(
        {"properties": {"l": {"patternProperties": {"a": False}}}},
        {"tag": "1", "l": []},
        id="no object",
    ),
    pytest.param(
        {"properties": {"l": {"additionalProperties": False}}},
        {"tag": "1", "l": []},
        id="no object either",
    ),
    pytest.param(
        {"properties": {"tag": True}, "patternProperties": {"^x-": True}, "additionalProperties": False},
        {"tag": "1", "x-a": 1},
        id="no names but these",
    ),
    pytest.param(
        {"additionalProperties": {"type": "string"}},
        {"tag": "1", "a": "b"},
        id="all others are texts",
    ),
    pytest.param(
        {"properties": {"l": {"uniqueItems": True}}},
        {"tag": "1", "l": [1, True, "1", [1], {}]},
        id="unique",
    ),
    pytest.param(
        {"properties": {"l": {"uniqueItems": False}}},
        {"tag": "1", "l": [1, 1]},
        id="need not be unique",
    ),
    pytest.param(
        {"properties": {"l": {"uniqueItems": True}}},
        {"tag": "1", "l": "xx"},
        id="letters may repeat",
    ),
    pytest.param(
        {"$defs": {"t": {"type": "string"}}, "properties": {"tag": {"$ref": "#/$defs/t"}}},
        {"tag": "1"},
        id="a reference within",
    ),
    pytest.param(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"t": {"type": "string"}},
            "properties": {"tag": {"$ref": "#/definitions/t"}},
        },
        {"tag": "1"},
        id="an older draft",
    ),
]


@pytest.mark.parametrize(("schema", "document"), GOOD)
def test_a_document_satisfies(schema: dict[str, Any], document: dict[str, Any]) -> None:
    assert problem_with_schema(schema) is None
    assert tags("json", json.dumps(document), url=URL, path="$.tag", schema=schema) == [document["tag"]]


BAD = [
    pytest.param(
        SCHEMA,
        {"tag": "20241016"},
        "fails its schema at $: 'version' is a required property",
        id="missing",
    ),
    pytest.param(
        SCHEMA,
        {"tag": "v1", "version": 1},
        "at $.tag: 'v1' does not match '^[0-9]{8}$'",
        id="pattern",
    ),
    pytest.param(
        SCHEMA,
        {"tag": "1" * 257, "version": 1},
        "no pattern is tried on more than 256",
        id="too long",
    ),
    pytest.param(
        SCHEMA,
        {"tag": "20241016", "version": 2},
        "at $.version: 1 was expected",
        id="another version",
    ),
    pytest.param(
        {"patternProperties": {"^n": {"type": "number"}}},
        {"tag": "1", "n": "x"},
        "at $.n: 'x' is not of",
        id="names by pattern",
    ),
    pytest.param(
        {"properties": {"tag": True}, "additionalProperties": False},
        {"tag": "1", "b\n": 1},
        "at $: 'b\\\\n' is not one of the properties that are allowed",
        id="another name",
    ),
    pytest.param(
        {"additionalProperties": {"type": "string"}},
        {"tag": "1", "n": 1},
        "at $.n: 1 is not of type",
        id="another type",
    ),
    pytest.param(
        {"properties": {"l": {"uniqueItems": True}}},
        {"tag": "1", "l": [{"a": [1]}, {"a": [1.0]}]},
        "at $.l: has an item twice",
        id="twice",
    ),
    pytest.param({"required": ["x" * 1000]}, {"tag": "1"}, "xxx… ", id="cut short"),
    pytest.param(
        {"properties": {"tag": {"$ref": "https://example.org/other.json"}}},
        {"tag": "1"},
        "its schema refers to 'https://example.org/other.json', not in the same file",
        id="another file",
    ),
    pytest.param(
        {"allOf": [{"$ref": "#"}]},
        {"tag": "1"},
        "is nested too deeply for its schema",
        id="a circle",
    ),
    pytest.param(
        {"properties": {"n": {"multipleOf": 0.1}}},
        {"tag": "1", "n": 10**400},
        "has a number that its schema cannot be applied to",
        id="a number out of range",
    ),
    pytest.param(
        "latest.schema.json",
        {"tag": "1"},
        "the schema 'latest.schema.json' has not been read",
        id="unread",
    ),
]


@pytest.mark.parametrize(("schema", "document", "sentence"), BAD)
def test_a_document_fails(schema: Any, document: dict[str, Any], sentence: str) -> None:
    said = refusal("json", json.dumps(document), url=URL, path="$.tag", schema=schema)
    assert sentence.rstrip() in said


PROBLEMS = [
    pytest.param(
        {"type": "text"}, "is not a JSON Schema: at $.type, 'text' is not valid", id="an unknown type"
    ),
    pytest.param([], "must be an object, not list", id="a list"),
    pytest.param(
        {"patternProperties": {}, "allOf": [{"unevaluatedProperties": False}]}, "not supported", id="both"
    ),
    pytest.param("latest.schema.json", None, id="a file that is not read yet"),
]


@pytest.mark.parametrize(("schema", "sentence"), PROBLEMS)
def test_a_schema_is_checked_before_it_is_used(schema: Any, sentence: str | None) -> None:
    problem = problem_with_schema(schema)
    assert problem == sentence if sentence is None else sentence in (problem or "")


def test_a_schema_that_is_nested_too_deeply_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(2000):
        schema = {"not": schema}
    assert problem_with_schema(schema) == "is not a JSON Schema: it is nested too deeply"


BRANCHING = {"anyOf": [{"properties": {"a": {"$ref": "#"}}, "required": ["b"]}] * 2}

STALLING = [
    pytest.param(BRANCHING, '{"a":' * 90 + "{}" + "}" * 90, id="two to the power of its depth"),
    pytest.param(
        {"uniqueItems": True},
        "[" + ",".join(f'{{"a": {n}}}' for n in range(60_000)) + ",1,1]",
        id="every pair",
    ),
    pytest.param(
        {"propertyNames": {"pattern": "^(a|aa)+b$"}},
        json.dumps({"a" * 255: 1}),
        id="every way to match a name",
    ),
]


@pytest.mark.parametrize(("schema", "body"), STALLING)
def test_a_document_cannot_make_its_validation_run_for_ever(schema: dict[str, Any], body: str) -> None:
    assert work_of(100, lambda: refusal("json", body, url=URL, path="$.tag", schema=schema))

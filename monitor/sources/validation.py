"""Local validation of what a document claims: the JSON Schema of the configuration, held against it.

Schemas come from the operator, documents from outside. Where the library's own keywords would let a
document choose how long they take, they are replaced here: regular expressions see 256 characters and have
a limit of time, `uniqueItems` compares no pairs, and references are followed a bounded number of times. A
schema is never fetched: what it refers to must be in its own file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from monitor.errors import ParseError
from monitor.sources.decoding import phrase
from monitor.sources.patterns import is_found
from monitor.versions import LONGEST, excerpt

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MOST_REFERENCES = 10_000

Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


def validate(tree: Any, schema: str | Mapping[str, Any], where: str) -> None:
    """Do nothing where the document satisfies the schema.

    Raises:
        ParseError: it does not (where and why), or the schema cannot be applied.
    """
    from referencing.exceptions import Unresolvable

    if isinstance(schema, str):
        raise ParseError(f"{where} cannot be validated: the schema {excerpt(schema)} has not been read")
    try:
        error = next(_validator(schema).iter_errors(tree), None)
    except RecursionError as error:
        raise ParseError(f"{where} is nested too deeply for its schema") from error
    except (ArithmeticError, ValueError) as error:
        raise ParseError(f"{where} has a number that its schema cannot be applied to") from error
    except Unresolvable as error:
        raise ParseError(
            f"{where} cannot be validated: its schema refers to {excerpt(error.ref)}, not in the same file"
        ) from error
    if error is not None:
        raise ParseError(f"{where} fails its schema at {phrase(error.json_path)}: {phrase(error.message)}")


def problem_with_schema(schema: Any) -> str | None:
    """Return what is wrong with a schema, as the end of a sentence; None for a file not yet read."""
    from jsonschema import SchemaError

    if isinstance(schema, str):
        return None
    if not isinstance(schema, Mapping):
        return f"is not a JSON Schema: it must be an object, not {type(schema).__name__}"
    try:
        _class(schema).check_schema(dict(schema))
    except SchemaError as error:
        return f"is not a JSON Schema: at {phrase(error.json_path)}, {phrase(error.message)}"
    except RecursionError:
        return "is not a JSON Schema: it is nested too deeply"
    if _mentions(schema, "unevaluatedProperties") and _mentions(schema, "patternProperties"):
        return (
            "has `unevaluatedProperties` beside `patternProperties`, which is not supported; use one of them"
        )
    return None


def _class(schema: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    return validator_for(dict(schema), default=Draft202012Validator)


def _validator(schema: Mapping[str, Any]) -> Validator:
    from jsonschema.validators import extend
    from referencing import Registry

    plain = _class(schema)
    left = [_MOST_REFERENCES]
    keywords: dict[str, Keyword] = {
        name: partial(_counted, plain.VALIDATORS[name], left)
        for name in ("$ref", "$dynamicRef", "$recursiveRef")
        if name in plain.VALIDATORS
    }
    keywords |= {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items,
    }
    # A registry without a way to retrieve: the default one would fetch what a schema refers to.
    validator: Validator = extend(plain, keywords)(  # type: ignore[no-untyped-call] # jsonschema has no types for it
        dict(schema), registry=Registry()
    )
    return validator


def _counted(  # noqa: PLR0917 jsonschema's signature
    keyword: Keyword, left: list[int], validator: Any, ref: Any, instance: Any, schema: Any
) -> Iterator[Any] | None:
    left[0] -= 1
    if left[0] < 0:
        raise RecursionError(ref)
    return keyword(validator, ref, instance, schema)


def _error(message: str) -> Any:
    from jsonschema import ValidationError

    return ValidationError(message)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ARG001 jsonschema's signature
    if not validator.is_type(instance, "string"):
        return
    if len(instance) > LONGEST:
        yield _error(f"has {len(instance):,} characters; no pattern is tried on more than {LONGEST}")
    elif not is_found(pattern, instance):
        yield _error(f"{excerpt(instance)} does not match {excerpt(pattern)}")


def _pattern_properties(validator: Any, properties: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ARG001 jsonschema's signature
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in properties.items():
        for name, value in instance.items():
            if is_found(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    known, known_patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in known or any(is_found(pattern, name) for pattern in known_patterns):
            continue
        if allowed is False:
            yield _error(f"{excerpt(name)} is not one of the properties that are allowed")
        else:
            yield from validator.descend(value, allowed, path=name)


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ARG001 jsonschema's signature
    if not wanted or not validator.is_type(instance, "array"):
        return
    if len({json.dumps(_canonical(item), sort_keys=True) for item in instance}) != len(instance):
        yield _error("has an item twice")


def _canonical(value: Any) -> Any:
    """Return the value with numbers in one form: to JSON Schema 1.0 is 1, but true is not."""
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _mentions(schema: Any, keyword: str) -> bool:
    if isinstance(schema, Mapping):
        return keyword in schema or any(_mentions(value, keyword) for value in schema.values())
    return isinstance(schema, list) and any(_mentions(value, keyword) for value in schema)

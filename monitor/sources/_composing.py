"""From the events of a YAML parser to values, with bounds on depth and on what aliases make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import Any

import yaml

from monitor.errors import ParseError
from monitor.sources.trees import DateText
from monitor.versions import excerpt

_DEEPEST = 100
TOO_DEEP = f"is nested over {_DEEPEST} deep; that is not metadata"
_MOST_VALUES = 100_000
_YAML = "tag:yaml.org,2002:"
_SHORT = {"int", "float", "timestamp"}
# Numbers in base 60 cost the square of their length.
_LONGEST_NUMBER = 100
_COLLECTIONS = {None, "!", f"{_YAML}map", f"{_YAML}seq"}
# The C parser where there is one: it is six times as fast, and gives the same events.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()
_SCALARS: Any = yaml.constructor.SafeConstructor()


def compose(text: str) -> object:
    """Return the value of a text that holds one document; None where it holds none.

    Raises:
        ParseError: the values are not those of metadata; says what the document has, without its subject.
        yaml.YAMLError: it is not YAML.
    """
    composer = _Composer(events=yaml.parse(text, Loader=_PARSER))
    found: object = None
    documents = 0
    for event in composer.events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise ParseError("has several documents; what is read has one")
            found, _ = composer.value(next(composer.events), 0)
    return found


_MERGE = object()
"""The key `<<`."""


@dataclass(slots=True)
class _Composer:
    """Takes events; a value comes with its size, the number of values in it."""

    events: Iterator[Any]
    left: int = _MOST_VALUES
    anchors: dict[str, tuple[object, int] | None] = field(default_factory=dict)

    def value(self, event: Any, depth: int) -> tuple[object, int]:
        """Return the value that begins with this event."""
        if depth > _DEEPEST:
            raise ParseError(TOO_DEEP)
        if isinstance(event, yaml.AliasEvent) and event.anchor is not None:
            return self._alias(event.anchor)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        before = self.left
        found = self._fresh(event, depth)
        result = found, before - self.left
        if event.anchor is not None:
            self.anchors[event.anchor] = result
        return result

    def _alias(self, anchor: str) -> tuple[object, int]:
        if anchor not in self.anchors:
            raise ParseError(f"refers to {excerpt(anchor)}, which it does not have")
        known = self.anchors[anchor]
        if known is None:
            raise ParseError(f"refers to {excerpt(anchor)} from within it; what is read has an end")
        self._spend(known[1])
        return known

    def _spend(self, values: int) -> None:
        self.left -= values
        if self.left < 0:
            raise ParseError(f"comes to over {_MOST_VALUES:,} values; that is not metadata")

    def _fresh(self, event: Any, depth: int) -> object:
        self._spend(1)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(_tag(event), event.value)
        if event.tag not in _COLLECTIONS:
            raise ParseError(f"has the tag {excerpt(event.tag)}, which is not read")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return self._mapping(depth)

    def _sequence(self, depth: int) -> list[object]:
        return [self.value(event, depth + 1)[0] for event in self._until(yaml.SequenceEndEvent)]

    def _mapping(self, depth: int) -> dict[str, object]:
        own: dict[str, object] = {}
        merged: dict[str, object] = {}
        for event in self._until(yaml.MappingEndEvent):
            name = self._name(event)
            value, _ = self.value(next(self.events), depth + 1)
            if isinstance(name, str):
                own[_new(name, own)] = value
            else:
                for mapping in _to_merge(value):
                    merged = {**mapping, **merged}
        return {**merged, **own}

    def _until(self, end: type) -> Iterator[Any]:
        return takewhile(lambda event: not isinstance(event, end), self.events)

    def _name(self, event: Any) -> object:
        """Return a key as it is written, whatever type it would have: 1.10 is the name 1.10."""
        if not isinstance(event, yaml.ScalarEvent):
            raise ParseError("has a key that is no plain text")
        self._spend(1)
        if event.anchor is not None:
            self.anchors[event.anchor] = event.value, 1
        return _MERGE if _tag(event) == f"{_YAML}merge" else event.value


def _new(name: str, known: dict[str, object]) -> str:
    if name in known:
        raise ParseError(
            f"has the name {excerpt(name)} twice in one mapping; readers disagree on which counts"
        )
    return name


def _to_merge(value: object) -> list[dict[str, object]]:
    """Return the mappings that a `<<` merges, the first of them going before the others."""
    mappings: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(mapping, dict) for mapping in mappings):
        raise ParseError("merges (`<<`) what is not a mapping")
    return mappings


def _tag(event: Any) -> str:
    if event.tag not in {None, "!"}:
        return str(event.tag)
    return str(_RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit))


def _scalar(tag: str, text: str) -> object:
    kind = tag.removeprefix(_YAML)
    if kind in _SHORT and len(text) > _LONGEST_NUMBER:
        raise ParseError(
            f"has {excerpt(text)}, {len(text):,} characters, where a value of type {kind} should be"
        )
    node = yaml.ScalarNode(tag, text)
    try:
        if kind == "int":
            return _SCALARS.construct_yaml_int(node)
        if kind == "float":
            return _SCALARS.construct_yaml_float(node)
        if kind == "bool":
            return _SCALARS.construct_yaml_bool(node)
        if kind == "timestamp":
            return _date_text(_SCALARS.construct_yaml_timestamp(node))
    except (ValueError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise ParseError(f"has {excerpt(text)} where a value of type {kind} should be") from error
    return _text(kind, tag, text)


def _date_text(value: date) -> DateText:
    return DateText(value.isoformat())


def _text(kind: str, tag: str, text: str) -> object:
    if kind == "null":
        return None
    if kind in {"str", "value", "merge"}:
        return text
    raise ParseError(f"has the tag {excerpt(tag)}, which is not read")

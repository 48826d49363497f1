"""One side of a target: a kind's name and that kind's own keys."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from monitor.config.ground import Ground, Place
from monitor.config.problems import quoted, shown
from monitor.config.reading import read_text
from monitor.config.tables import Table, table_of, validated, values_of
from monitor.errors import ConfigError
from monitor.model import Source
from monitor.sources import Kind, kinds

MOST_BYTES = 1024 * 1024
LOADERS: dict[str, Callable[[str], Any]] = {"json": json.loads, "toml": tomllib.loads}


def read_side(value: Any, place: Place, ground: Ground) -> Source | None:
    """Return the source, what is wrong with it having been noted; None where there is none to speak of."""
    if not isinstance(value, Mapping):
        ground.problems.add(place, f'found {shown(value)}; want a table, like {{ kind = "json", … }}')
        return None
    kind = _kind(value.get("kind"), (*place, "kind"), ground)
    if kind is None:
        return None
    given = {key: part for key, part in value.items() if key != "kind"}
    spec_type: type = kind.spec
    table = validated(table_of(spec_type), given, place, ground.problems)
    if table is None:
        return None
    empty = [key for key, part in given.items() if part == ""]
    for key in empty:
        ground.problems.add((*place, key), "it is empty")
    if empty:
        return None
    spec = kind.spec(**_values(kind, table, place, ground))
    for sentence in kind.problems(spec):
        _note(sentence, kind, place, ground)
    return Source(kind=kind.name, spec=spec)


def _kind(name: Any, place: Place, ground: Ground) -> Kind | None:
    if name is None:
        ground.problems.add(place, f"it is missing; the kinds are {', '.join(kinds())}")
    elif not isinstance(name, str):
        ground.problems.add(place, f"found {shown(name)}; want a text in quotes")
    elif name not in kinds():
        ground.problems.unknown_name(place, name, kinds(), "source kind")
    else:
        return kinds()[name]
    return None


def _values(kind: Kind, table: Table, place: Place, ground: Ground) -> dict[str, Any]:
    values = values_of(table)
    for field in fields(kind.spec):
        form = field.metadata.get("file")
        if form and isinstance(values[field.name], str):
            where = (*place, field.name)
            ground.files[".".join(map(str, where))] = values[field.name]
            values[field.name] = _content(values[field.name], form, where, ground)
    return values


def _content(path: str, form: str, place: Place, ground: Ground) -> Any:
    try:
        return LOADERS[form](read_text(ground.folder / path, MOST_BYTES))
    except ConfigError as error:
        ground.problems.add(place, str(error))
    except (ValueError, RecursionError) as error:
        ground.problems.add(place, f"{quoted(path)} is not {form.upper()}: {error}")
    return None


def _note(sentence: str, kind: Kind, place: Place, ground: Ground) -> None:
    key, _, rest = sentence.partition(" ")
    key = key.rstrip(":")
    if key in {field.name for field in fields(kind.spec)}:
        ground.problems.add((*place, key), rest)
    else:
        ground.problems.add(place, sentence)

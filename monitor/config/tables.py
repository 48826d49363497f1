"""The tables of the file as pydantic models; the only file that knows pydantic.

A table is validated by itself, so that every mistake has its place and none hides another. Models of policies
and of source kinds are made from their dataclasses: a key's name, type and default are said once.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, WithJsonSchema

from monitor.config.durations import PATTERN, parse_duration
from monitor.config.problems import Problems, shown
from monitor.errors import ParseError
from monitor.model import Policy

Place = tuple[str | int, ...]


def _duration(value: object) -> timedelta:
    try:
        return parse_duration(value)
    except ParseError as error:
        raise ValueError(f"found {shown(value)}; {error}") from None


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": PATTERN}, {"const": 0}],
            "description": "A duration, like 90s, 2h30m or 7d.",
        }
    ),
]
Truth = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
_EXACT: dict[Any, Any] = {timedelta: Duration, bool: Truth, int: Whole, float: Number}


class Table(BaseModel):
    """A table of the file: keys that are not known are mistakes."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )


T = TypeVar("T", bound=Table)


@cache
def table_of(spec: type) -> type[Table]:
    """Return the table whose keys are the fields of this dataclass.

    A field whose metadata says `file` is the path of a file here, whatever it is once that has been read.
    """
    hints = get_type_hints(spec)
    described = {_attribute(field.name): _described(field, hints[field.name]) for field in fields(spec)}
    return pydantic.create_model(spec.__name__, __base__=Table, **described)  # type: ignore[call-overload,no-any-return] # its fields are known only now


def _attribute(key: str) -> str:
    """Return what a key is called in Python: `schema` and the like have another meaning in a model."""
    return f"{key}_" if hasattr(BaseModel, key) else key


def _described(field: Field[Any], hint: Any) -> tuple[Any, Any]:
    if field.metadata.get("file"):
        hint = str if field.default is MISSING else str | None
    options: dict[str, Any] = {"alias": field.name}
    options |= {"description": field.metadata.get("help") or POLICY_HELP.get(field.name)}
    if field.default is not MISSING:
        options["default"] = field.default
    elif field.default_factory is not MISSING:
        options["default_factory"] = field.default_factory
    return _strict(hint), pydantic.Field(**options)


def _strict(hint: Any) -> Any:
    """Return the type with durations and strict numbers in place of the plain ones, inside a union too."""
    if get_origin(hint) in {Union, types.UnionType}:
        members = tuple(_strict(member) for member in get_args(hint))
        return Union[members]  # noqa: UP007 its members are known only now
    return _EXACT.get(hint, hint)


def validated(table: type[T], value: Any, place: Place, problems: Problems) -> T | None:
    """Return the table, each of its mistakes having been noted with its place.

    A key that is wrong is as if it were not there, so that what else is wrong is found too; None where a key
    is missing that must not be.
    """
    if not isinstance(value, Mapping):
        problems.add(place, f"found {shown(value)}; want a table")
        return None
    try:
        return table.model_validate(value)
    except pydantic.ValidationError as error:
        mistakes = error.errors(include_url=False)
    for mistake in mistakes:
        _note(mistake, table, place, problems)
    wrong = {mistake["loc"][0] for mistake in mistakes}
    try:
        return table.model_validate({key: part for key, part in value.items() if key not in wrong})
    except pydantic.ValidationError:
        return None


def values_of(table: Table) -> dict[str, Any]:
    """Return what each key has, defaults included."""
    return {field.alias or name: getattr(table, name) for name, field in type(table).model_fields.items()}


def given_in(table: Table) -> frozenset[str]:
    """Return the keys that stood in the file."""
    members = type(table).model_fields
    return frozenset(members[name].alias or name for name in table.model_fields_set)


def _note(found: Any, table: type[Table], place: Place, problems: Problems) -> None:
    where = (*place, *(part for part in found["loc"] if _is_of_the_file(part)))
    kind = found["type"]
    if kind == "extra_forbidden":
        problems.unknown_key(where, [field.alias or name for name, field in table.model_fields.items()])
    elif kind == "missing":
        named = (
            field for name, field in table.model_fields.items() if found["loc"][-1] in {name, field.alias}
        )
        help_text = next((field.description for field in named), None)
        problems.add(where, "it is missing" + (f": {help_text}" if help_text else ""))
    elif kind == "value_error":
        problems.add(where, str(found["ctx"]["error"]))
    else:
        problems.add(where, f"found {shown(found['input'])}; {_wanted(kind, found)}")


def _is_of_the_file(part: str | int) -> bool:
    # pydantic puts the member of a union that was tried, or `[key]`, where no key of the file is.
    return isinstance(part, int) or not (part == "[key]" or "[" in part)


_WANTED = {
    "string_type": "want a text in quotes",
    "bool_type": "want true or false",
    "int_type": "want a whole number",
    "float_type": "want a number",
    "tuple_type": 'want an array, like ["…"]',
    "list_type": 'want an array, like ["…"]',
    "dict_type": "want a table",
    "mapping_type": "want a table",
    "finite_number": "want a finite number",
}


def _wanted(kind: str, found: Any) -> str:
    context = found.get("ctx", {})
    if "expected" in context:
        return f"want one of {context['expected']}".replace("'", '"').replace(" or ", ", ")
    for bound, words in {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}.items():
        if bound in context:
            return f"want {words} {context[bound]:g}"
    return _WANTED.get(kind) or str(found["msg"])


# --- the tables that are no dataclass elsewhere --------------------------------------------------


class DaemonTable(Table):
    """What concerns the process and no target. Relative paths start at this file's folder."""

    database: str | None = None
    """The SQLite file; by default tagdrift.db in $STATE_DIRECTORY, else /var/lib/tagdrift/tagdrift.db."""
    public_url: str | None = None
    """Where people reach the pages; messages link there."""
    heartbeat_url: Any = None
    """Called after every good round, for a dead man's switch: an URL, or where it is kept."""
    interval: Duration = timedelta(minutes=5)
    """How often both sides of a target are looked at, unless the target says otherwise."""
    jitter: Number = pydantic.Field(default=0.1, ge=0, le=0.5)
    """The part of the interval by which looks are spread, so that targets do not march in step."""
    deadline_for: Duration = timedelta(seconds=30)
    """All that one look may take, retries included."""
    keep_observations: Duration = timedelta(days=90)
    """How long every single look is kept; what changed is kept for ever."""
    group_over: Whole = pydantic.Field(default=3, ge=1, le=1000)
    """More messages than this for one receiver at once become one message."""
    give_up_after: Duration = timedelta(days=7)
    """How long a message is tried."""
    listen: str = "127.0.0.1:8470"
    """Where the pages are served, host:port; "" serves none."""
    public: Truth = False
    """Whether pages show neither actions nor configuration, to be read by anybody."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose forwarded headers are believed."""
    hosts: tuple[str, ...] = ()
    """Names that the pages answer to, besides those of listen and public_url."""
    token: Any = None
    """Where the token is kept that a request must show which changes anything."""
    hook_secret: Any = None
    """Where the secret is kept that webhooks are signed with and release scripts show; else the token is."""


class ReceiverTable(Table):
    """Somebody who is told: an Apprise URL, which is itself a secret."""

    url: Any
    """Where the Apprise URL is kept."""


class RouteTable(Table):
    """Who is told of what: every matcher that is set must match, and all routes that match send."""

    receivers: tuple[str, ...]
    """Names of receivers."""
    labels: dict[str, str] = pydantic.Field(default_factory=dict)
    """Labels that the target must have."""
    severities: tuple[str, ...] = ()
    """warning, critical, or both."""
    checks: tuple[str, ...] = ()
    """Names of checks."""


POLICY_HELP = {
    "scheme": "How versions are ordered: auto, semver, pep440, numeric, published, calver or calver:PATTERN.",
    "tags": "Which tags are releases: an expression for the whole tag; its group `version` is compared.",
    "prereleases": "Whether pre-releases count as releases.",
    "ignore": "Tags or versions that are not waited for.",
    "threshold": "How long the metadata may be behind before somebody is told.",
    "critical_after": "How long after it fired an alert becomes critical.",
    "unreachable_after": "How long a side may fail before somebody is told.",
    "malformed_grace": "How long the metadata may be unreadable before somebody is told.",
    "unlisted": 'Whether metadata that names what is not out is told: "on" or "off".',
    "unlisted_grace": "How long it may name what is not out before somebody is told.",
    "rollback": 'Whether going back is a reason to alert: "alert" or "allow".',
    "keep_firing_for": "How long an alert's end is held back, should the drift return.",
    "repeat_every": "How often a message is repeated while the alert fires; doubles up to a week.",
}


class TargetTable(table_of(Policy)):  # type: ignore[misc] # made from a dataclass
    """One watched pair; also takes every key of [policy]."""

    metadata: Any
    """What the project says is latest: { kind = "…", … }."""
    releases: Any
    """What is out: { kind = "…", … }."""
    interval: Duration | None = None
    """How often both sides are looked at."""
    labels: dict[str, str] = pydantic.Field(default_factory=dict)
    """Texts by which routes and silences choose targets."""
    was: str | None = None
    """The name that this target had before; its history goes with it."""

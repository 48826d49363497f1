"""What the kinds `json`, `toml` and `yaml` share: a document with values in it, and paths to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.errors import ParseError
from monitor.model import Dialogue, Document, Reading, Request
from monitor.sources import addresses, patterns, selection
from monitor.sources.harvest import releases_in
from monitor.sources.kind import Kind
from monitor.sources.validation import problem_with_schema, validate

Parse = Callable[[Document, str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """The keys of a kind that reads values out of a document."""

    url: str = field(metadata={"help": "The document's address, http or https."})
    path: str = field(
        metadata={"help": "JSONPath (RFC 9535) to the version, or to many: $.tag, $.releases[*].tag_name."}
    )
    date_path: str | None = field(
        default=None,
        metadata={
            "help": "JSONPath to when each version was published: ISO 8601, or seconds since the epoch."
        },
    )
    prerelease_path: str | None = field(
        default=None, metadata={"help": "JSONPath to whether each version is a pre-release: true or false."}
    )
    schema: str | Mapping[str, Any] | None = field(
        default=None,
        metadata={"help": "File with a JSON Schema that the document must satisfy.", "file": "json"},
    )
    pattern: str | None = field(
        default=None,
        metadata={
            "help": "Regular expression that a version must match whole; its group `version` is compared."
        },
    )
    token: str | None = field(
        default=None, metadata={"help": "Name of a credential that is sent as a bearer token."}
    )


def structured_kind(
    *, name: str, summary: str, example: str, accept: str, max_bytes: int, parse: Parse
) -> Kind:
    """Return a kind for one format; `parse` makes a tree of dicts and lists, or raises ParseError."""

    def read(spec: Structured) -> Dialogue:
        document = yield Request(url=spec.url, accept=accept, credential=spec.token, max_bytes=max_bytes)
        where = addresses.shown(spec.url)
        tree = parse(document, where)
        if spec.schema is not None:
            validate(tree, spec.schema, where)
        return Reading(releases=releases_in(tree, spec, where), link=addresses.link(spec.url))

    return Kind(
        name=name,
        summary=summary,
        spec=Structured,
        read=read,
        example=example,
        problems=_problems,
        urls=lambda spec: (spec.url,),
        credentials=lambda spec: () if spec.token is None else (spec.token,),
        has_dates=lambda spec: spec.date_path is not None,
        tells_prereleases=lambda spec: spec.prerelease_path is not None,
        label=lambda spec: addresses.last_part(spec.url),
    )


def _problems(spec: Structured) -> tuple[str, ...]:
    found = [
        _problem("url", addresses.problem_with(spec.url)),
        *(
            _problem(key, _problem_with_path(path))
            for key in ("path", "date_path", "prerelease_path")
            if (path := getattr(spec, key)) is not None
        ),
    ]
    if spec.schema is not None:
        found.append(_problem("schema", problem_with_schema(spec.schema)))
    if spec.pattern is not None:
        found.append(_problem("pattern", patterns.problem_with(spec.pattern)))
    return tuple(problem for problem in found if problem is not None)


def _problem(key: str, what: str | None) -> str | None:
    return None if what is None else f"{key}: {what}"


def _problem_with_path(path: str) -> str | None:
    try:
        selection.compiled(path)
    except ParseError as error:
        return str(error)
    return None

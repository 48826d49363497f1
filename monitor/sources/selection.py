"""JSONPath (RFC 9535) over documents that are not trusted: the work that a path may do is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from monitor.errors import ParseError
from monitor.sources.decoding import phrase
from monitor.sources.patterns import is_found, is_full_match, problem_with
from monitor.versions import excerpt

if TYPE_CHECKING:
    from jsonpath import JSONPath, JSONPathEnvironment

_LONGEST_PATH = 1000
_MOST_STEPS = 250_000

Place = tuple[str | int, ...]
"""Where a value stands in a document: the names and indices that lead to it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a path selects, and where it stands."""

    place: Place
    value: object


class _TooMuch(Exception):  # noqa: N818  (never leaves this file)
    """The path has visited more values than a metadata file has."""


@lru_cache(maxsize=4096)
def compiled(path: str) -> JSONPath:
    """Return the path made ready.

    Raises:
        ParseError: it is no JSONPath, or one whose work on a hostile document has no bound.
    """
    from jsonpath import JSONPathError

    if len(path) > _LONGEST_PATH:
        raise ParseError(f"{excerpt(path)} is longer than {_LONGEST_PATH} characters")
    try:
        ready = cast("JSONPath", _environment().compile(path))
    except (JSONPathError, RecursionError, ValueError) as error:
        reason = phrase(str(*error.args[:1])) or "it is nested too deeply"
        raise ParseError(f"{excerpt(path)} is not a JSONPath as RFC 9535 has it: {reason}") from error
    for expression in _expressions(ready):
        _refuse_unbounded(expression, path)
    return ready


def found(path: str, tree: object, where: str) -> list[Found]:
    """Return what the path selects, each place once, in the document's order.

    Raises:
        ParseError: the path visits too much of this document, or is none.
    """
    from jsonpath import JSONPathError

    ready = compiled(path)
    if not isinstance(tree, dict | list):
        # The library would take a text for a JSON document still to be parsed.
        return [] if ready.segments else [Found((), tree)]
    places: dict[Place, object] = {}
    try:
        for match in _walk(ready, tree):
            if match.parent is None or not isinstance(match.parent.obj, str):
                places.setdefault(match.parts, match.obj)
    except (_TooMuch, JSONPathError, RecursionError) as error:
        raise ParseError(f"{where} is too large or too deep for the path {excerpt(path)}") from error
    return [Found(place, value) for place, value in places.items()]


def _walk(ready: JSONPath, tree: dict[str, Any] | list[Any]) -> Iterable[Any]:
    """Apply the path's segments, counting every value visited.

    The library's own matches carry the text of their path, which a document with one enormous name makes
    enormous, and are never counted.
    """
    nodes: Iterable[Any] = [_counting_match()(tree)]
    for segment in ready.segments:
        nodes = segment.resolve(nodes)
    return nodes


@cache
def _counting_match() -> Any:
    from jsonpath import JSONPathMatch

    class CountingMatch(JSONPathMatch):
        __slots__ = ("left",)

        def __init__(self, tree: dict[str, Any] | list[Any]) -> None:
            super().__init__(filter_context={}, obj=tree, parent=None, path="", parts=(), root=tree)
            self.left = [_MOST_STEPS]

        def new_child(self, obj: object, key: int | str) -> JSONPathMatch:
            self.left[0] -= 1
            if self.left[0] < 0:
                raise _TooMuch
            child: CountingMatch = object.__new__(CountingMatch)
            child._filter_context = self._filter_context
            child.children = []
            child.obj, child.parent, child.root = obj, self, self.root
            child.path, child.parts, child.left = "", (*self.parts, key), self.left
            return child

        def add_child(self, *children: JSONPathMatch) -> None:
            """Keep none: nobody asks for them, and they would hold every value visited."""

    return CountingMatch


@cache
def _environment() -> JSONPathEnvironment:
    from jsonpath import JSONPathEnvironment
    from jsonpath.function_extensions import ExpressionType, FilterFunction

    class Regex(FilterFunction):
        """`match` and `search` of RFC 9535 (2.4.6, 2.4.7), on texts of at most 256 characters."""

        arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 the library's own way to say it
        return_type = ExpressionType.LOGICAL

        def __init__(self, holds: Callable[[str, str], bool]) -> None:
            self._holds = holds

        def __call__(self, value: object, pattern: object) -> bool:
            return isinstance(value, str) and isinstance(pattern, str) and self._holds(pattern, value)

    environment = JSONPathEnvironment(strict=True)
    environment.function_extensions["match"] = Regex(is_full_match)
    environment.function_extensions["search"] = Regex(is_found)
    return environment


def _expressions(path: JSONPath) -> Iterable[Any]:
    """Yield every expression within the filters of this path, however deep."""
    waiting = _filters(path)
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children())


def _refuse_unbounded(expression: Any, path: str) -> None:
    """Refuse what would let a document choose how long a path takes.

    Raises:
        ParseError: it descends within a filter, or takes a regular expression from the document.
    """
    from jsonpath.filter import FilterQuery, FunctionExtension, StringLiteral

    if isinstance(expression, FilterQuery) and _has_descent(expression.path):
        raise ParseError(
            f"{excerpt(path)} has `..` within a filter, whose work grows with the square of a document"
        )
    if isinstance(expression, FunctionExtension) and expression.name in {"match", "search"}:
        pattern = expression.args[1]
        if not isinstance(pattern, StringLiteral):
            raise ParseError(f"{excerpt(path)} takes the pattern of `{expression.name}` from the document")
        problem = problem_with(pattern.value)
        if problem is not None:
            raise ParseError(problem)


def _filters(path: JSONPath) -> list[Any]:
    from jsonpath.selectors import Filter

    return [
        selector.expression
        for segment in path.segments
        for selector in segment.selectors
        if isinstance(selector, Filter)
    ]


def _has_descent(path: JSONPath) -> bool:
    from jsonpath.segments import JSONPathRecursiveDescentSegment

    return any(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in path.segments)

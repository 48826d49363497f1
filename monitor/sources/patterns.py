r"""Regular expressions from the configuration, held over text from outside: bounded in length and in time.

The engine is `regex`, because its matching has a limit of time and `re` has none: `(\d+|\d+\.)+`,
written by an operator in good faith, would otherwise stand still for ever at a tag that somebody else
chose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from monitor.errors import ParseError
from monitor.versions import LONGEST, excerpt

GROUP = "version"
"""The group whose text is the version."""

# Time enough for any pattern that is not hopeless; the first try is short so that a list of texts, each
# just under the limit, cannot add up to minutes.
_FIRST_SECONDS = 0.002
_SECONDS = 0.1
_MOST_SLOW = 10


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """Return the pattern made ready.

    Raises:
        ParseError: it is not a regular expression.
    """
    import regex

    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise ParseError(f"{excerpt(pattern)} is not a regular expression: {error}") from error


def problem_with(pattern: str) -> str | None:
    """Return what is wrong with a pattern of the configuration, as a sentence; None if nothing is."""
    try:
        list(named_parts(pattern, _PROBES))
    except ParseError as error:
        return str(error)
    return None


def named_parts(pattern: str, texts: Iterable[str]) -> Iterator[str | None]:
    """Yield for each text its group `version`, or all of it where there is no such group; None if no match.

    Raises:
        ParseError: the pattern is none, or takes too long.
    """
    ready = compiled(pattern)
    has_group = GROUP in ready.groupindex
    for match in matches(ready, "fullmatch", texts):
        if match is None:
            yield None
        else:
            yield match.group(GROUP) if has_group else match.group()


def matches(ready: Any, method: str, texts: Iterable[str]) -> Iterator[Any]:
    """Yield for each text what this method of the ready pattern (`fullmatch`, `search`) makes of it.

    Texts over 256 characters do not match.

    Raises:
        ParseError: the pattern takes too long.
    """
    attempt = getattr(ready, method)
    slow = 0
    for text in texts:
        if len(text) > LONGEST:
            yield None
            continue
        try:
            yield attempt(text, timeout=_FIRST_SECONDS)
        except TimeoutError:
            slow += 1
            yield _again(attempt, ready, text, slow)


def _again(attempt: Any, ready: Any, text: str, slow: int) -> Any:
    """Match once more, with patience: the machine may have been busy."""
    try:
        if slow <= _MOST_SLOW:
            return attempt(text, timeout=_SECONDS)
    except TimeoutError:
        pass
    raise ParseError(
        f"{excerpt(ready.pattern)} takes too long on {excerpt(text)}: there are too many ways to match it;"
        " write it without a repeat inside a repeat"
    )


# What a pattern with too many ways to match is slow on: long runs that end wrongly.
_PROBES = tuple(
    (run * LONGEST)[: LONGEST - 1] + end
    for run in ("0", "1.", "a", "a1", "v1.0-rc.1+", "aA0._-", " ", "-", "_.")
    for end in ("!", "\n", "0")
)

r"""Regular expressions from the configuration, held over text from outside: bounded in length and in time.

The engine is `regex`, because its matching has a limit of time and `re` has none: `(\d+|\d+\.)+`,
written by an operator in good faith, would otherwise stand still for ever at a tag that somebody else
chose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from monitor.errors import ParseError
from monitor.sources.decoding import phrase
from monitor.versions import LONGEST, excerpt

GROUP = "version"
"""The group whose text is the version."""

# Time enough for any pattern that is not hopeless; the first try is short so that a list of texts, each
# just under the limit, cannot add up to minutes.
_FIRST_SECONDS = 0.002
_SECONDS = 0.1
_MOST_SLOW = 10
_RUNS = ("0", "1.", "a", "a1", "v1.0-rc.1+", "aA0._-", " ", "-", "_.")
_WORDS = re.compile(r"(?<!\\)[A-Za-z]+")


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
        raise ParseError(f"{excerpt(pattern)} is not a regular expression: {phrase(str(error))}") from error


def problem_with(pattern: str) -> str | None:
    """Return what is wrong with a pattern of the configuration, as a sentence; None if nothing is."""
    try:
        list(named_parts(pattern, _probes(pattern)))
        parts_found(pattern, _probes(pattern))
    except ParseError as error:
        return str(error)
    return None


def named_parts(pattern: str, texts: Iterable[str]) -> Iterator[str | None]:
    """Yield for each text its group `version`, or all of it where there is no such group; None if no match.

    The whole text must match.

    Raises:
        ParseError: the pattern is none, or takes too long.
    """
    ready = compiled(pattern)
    for match in _patiently(ready.fullmatch, pattern, texts):
        yield None if match is None else _part(match)


def parts_found(pattern: str, texts: Iterable[str]) -> list[str]:
    """Return what the pattern finds anywhere in these texts: each match's group `version`, or all of it.

    Raises:
        ParseError: the pattern is none, or takes too long.
    """
    ready = compiled(pattern)

    def attempt(text: str, *, timeout: float) -> list[Any]:
        return list(ready.finditer(text, timeout=timeout))

    found = _patiently(attempt, pattern, texts)
    return [part for matches in found for match in matches or () if (part := _part(match))]


def is_found(pattern: str, text: str) -> bool:
    """Return whether the pattern matches anywhere in the text; never in one of over 256 characters.

    Raises:
        ParseError: the pattern is none, or takes too long.
    """
    return any(_patiently(compiled(pattern).search, pattern, (text,)))


def is_full_match(pattern: str, text: str) -> bool:
    """Return whether the pattern matches the whole text; never one of over 256 characters.

    Raises:
        ParseError: the pattern is none, or takes too long.
    """
    return any(_patiently(compiled(pattern).fullmatch, pattern, (text,)))


def _part(match: Any) -> str | None:
    part: str | None = match.group(GROUP) if GROUP in match.re.groupindex else match.group()
    return part


def _patiently(attempt: Callable[..., Any], pattern: str, texts: Iterable[str]) -> Iterator[Any]:
    """Yield what the attempt makes of each text, None for those over 256 characters."""
    slow = 0
    for text in texts:
        if len(text) > LONGEST:
            yield None
            continue
        try:
            found = attempt(text, timeout=_FIRST_SECONDS)
        except TimeoutError:
            slow += 1
            found = _again(attempt, pattern, text, slow)
        yield found


def _again(attempt: Callable[..., Any], pattern: str, text: str, slow: int) -> Any:
    """Try once more, with patience: the machine may have been busy."""
    try:
        if slow <= _MOST_SLOW:
            return attempt(text, timeout=_SECONDS)
    except TimeoutError:
        pass
    raise ParseError(
        f"{excerpt(pattern)} takes too long on {excerpt(text)}: there are too many ways to match it; write it"
        " without a repeat inside a repeat"
    )


def _probes(pattern: str) -> Iterator[str]:
    """Yield what a pattern with too many ways to match is slow on: long runs that end wrongly.

    The pattern's own words come before one of the wrong ends: the engine gives up at once where they are
    missing.
    """
    words = "".join(_WORDS.findall(pattern))[: LONGEST // 2]
    for run in _RUNS:
        for end in ("!", "\n", "0", words + "!"):
            yield (run * LONGEST)[: LONGEST - len(end)] + end

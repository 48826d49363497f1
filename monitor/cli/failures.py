"""How an error becomes a sentence and an exit status."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import IO, Any, ParamSpec, TypeVar

import click

from monitor.cli.output import plain
from monitor.errors import ConfigError, TagdriftError

FAILED = 1
UNUSABLE = 2

P = ParamSpec("P")
R = TypeVar("R")


class Failed(click.ClickException):
    """A sentence for standard error, and the status to leave with."""

    def __init__(self, sentence: str, *, status: int = FAILED) -> None:
        super().__init__(sentence)
        self.exit_code = status  # type: ignore[misc] # click reads it from the instance

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence, without anything that a terminal would obey."""
        lines = (plain(line) for line in f"tagdrift: {self.message}".split("\n"))
        click.echo("\n".join(lines), file=file or sys.stderr)


def sentence_of(error: TagdriftError) -> str:
    """Return what is said of an error; several problems stand under each other."""
    if isinstance(error, ConfigError) and len(error.problems) > 1:
        return "\n  ".join((f"the configuration has {len(error.problems)} problems:", *error.problems))
    return str(error)


def status_of(error: TagdriftError) -> int:
    """Return 2 for a configuration that cannot be used, else 1."""
    return UNUSABLE if isinstance(error, ConfigError) else FAILED


def fails_with(status: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a command whose status 1 means something leave with this one when it fails.

    A configuration that cannot be used stays 2.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except ConfigError:
                raise
            except TagdriftError as error:
                raise Failed(sentence_of(error), status=status) from error

        return guarded

    return decorate

"""A bar for what takes more than a second: on standard error, and only where a person watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from monitor.cli.output import plain

PATIENCE_SECONDS = 1.0
_EVERY_SECONDS = 0.1
_WIDTH = 30


class Bar:
    """Counts steps; draws itself once it is clear that they take their time."""

    def __init__(
        self, what: str, steps: int, *, file: TextIO, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._what = what
        self._steps = max(steps, 1)
        self._file = file
        self._seconds = seconds
        self._done = 0
        self._draws_at = seconds() + PATIENCE_SECONDS
        self._is_drawn = False

    def step(self) -> None:
        """Count one step more."""
        self._done += 1
        now = self._seconds()
        if now >= self._draws_at:
            self._draws_at = now + _EVERY_SECONDS
            self._draw()

    def clear(self) -> None:
        """Take it off the screen."""
        if self._is_drawn:
            self._file.write("\r\x1b[K")
            self._file.flush()

    def _draw(self) -> None:
        share = min(self._done / self._steps, 1.0)
        filled = int(share * _WIDTH)
        self._file.write(f"\r{self._what} [{'#' * filled}{'-' * (_WIDTH - filled)}] {share:4.0%}")
        self._file.flush()
        self._is_drawn = True


def show_step(line: str) -> None:
    """Show on one line how far somebody else is, in their words; an empty one takes it off the screen."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{plain(line)[:100]}")
        sys.stderr.flush()


@contextmanager
def progress(what: str, steps: int, *, file: TextIO | None = None) -> Iterator[Callable[[], None]]:
    """Give what counts one step; it does nothing where standard error is no terminal."""
    stream = sys.stderr if file is None else file
    if not stream.isatty():
        yield lambda: None
        return
    bar = Bar(what, steps, file=stream)
    try:
        yield bar.step
    finally:
        bar.clear()

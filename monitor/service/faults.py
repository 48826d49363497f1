"""What is wrong with ourselves: told straight from memory, never recorded as a target's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from monitor.errors import StoreError
from monitor.model import Clock

log = logging.getLogger(__name__)

SHOWN_FOR = timedelta(days=1)


class Faults:
    """Our own faults by their kind, each a sentence, for as long as they last.

    `tell` tells people, and returns whether it did: not so often as a fault may come and go. Whether a defect
    has gone nobody can say: it is shown for a day after it was last met.
    """

    def __init__(self, tell: Callable[[str], bool], clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._faults: dict[str, str] = {}
        self._met_at = 0.0
        self.counted = 0

    @property
    def now(self) -> tuple[str, ...]:
        """What is wrong at the moment."""
        if self._clock.monotonic() - self._met_at > SHOWN_FOR.total_seconds():
            self._faults.pop("unexpected", None)
        return tuple(self._faults.values())

    @property
    def config_problem(self) -> str | None:
        """Why the newest configuration is not in force."""
        return self._faults.get("config")

    def store(self, error: StoreError) -> None:
        """The database refused; what was to be written is looked at and written again later."""
        self._has("store", f"the database refuses to be written: {error}")

    def store_is_well(self) -> None:
        """The database took what it was given."""
        if self._faults.pop("store", None) is not None:
            log.info("the database takes what it is given again")

    def unexpected(self, error: BaseException) -> None:
        """A defect of ours."""
        self._met_at = self._clock.monotonic()
        self._has("unexpected", f"unexpected failure, a defect of tagdrift: {type(error).__name__}: {error}")

    def config(self, sentence: str | None) -> None:
        """Note why a new configuration is not in force; None once one is."""
        if sentence is None:
            self._faults.pop("config", None)
        else:
            # Whoever reloads is told by the reload; the receivers have no part in it.
            self._faults["config"] = sentence

    def _has(self, kind: str, sentence: str) -> None:
        self.counted += 1
        is_new = kind not in self._faults
        self._faults[kind] = sentence
        if not self._tell(sentence) and is_new:
            log.error("%s", sentence)

"""What the writer remembers so that it need not ask; undone with the transaction it came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class _Missing:
    """What stood under a key that was not there."""


_MISSING: Final = _Missing()


class Journal:
    """Every change to what is remembered, so that it can be taken back to any mark."""

    def __init__(self) -> None:
        self._before: list[tuple[dict[Any, Any], Any, Any]] = []

    def note(self, values: dict[K, V], key: K) -> None:
        """Remember what stands under this key before it is changed."""
        self._before.append((values, key, values.get(key, _MISSING)))

    def mark(self) -> int:
        """Return a place to go back to."""
        return len(self._before)

    def undo(self, mark: int = 0) -> None:
        """Take back every change since the mark; without one, all that was not made final."""
        while len(self._before) > mark:
            values, key, before = self._before.pop()
            if before is _MISSING:
                values.pop(key, None)
            else:
                values[key] = before

    def keep(self) -> None:
        """Make the changes final."""
        self._before.clear()


class Remembered(Generic[K, V]):
    """A mapping whose changes are in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._values: dict[K, V] = {}
        self._journal = journal

    def get(self, key: K) -> V | None:
        """Return what is remembered under this key."""
        return self._values.get(key)

    def items(self) -> list[tuple[K, V]]:
        """Return all of it, in the order of first setting."""
        return list(self._values.items())

    def values(self) -> list[V]:
        """Return all that is remembered, in the order of first setting."""
        return list(self._values.values())

    def set(self, key: K, value: V) -> None:
        """Remember this in place of what was there."""
        self._journal.note(self._values, key)
        self._values[key] = value

    def drop(self, key: K) -> None:
        """Forget this key; one that is not there is no error."""
        self._journal.note(self._values, key)
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget all of it: it has been written, and goes with its transaction."""
        self._values.clear()


class Span(NamedTuple):
    """The reading that a side gives at present: `digest` tells whether the next look is more of it.

    `good_at` is the last good look of this side at all, whatever this span is.
    """

    reading_id: int
    digest: bytes
    is_good: bool
    last_at: datetime
    good_at: datetime | None
    seen: int
    cache_age: int | None = None


SpanKey = tuple[int, int]
Row = tuple[int, int, int, int, int, int, int, "int | None"]


class Memory:
    """All that is remembered: ids by name, the open spans by (target id, side), and rows not yet written.

    In `unwritten_spans` None stands for one that was closed and not begun again. `counters` holds `last_at`,
    the newest observation's instant, and `alert_id`, the last one given. `next_free` are hints where to look
    first for an instant without a row; one that outlives its job does no harm.
    """

    def __init__(self) -> None:
        self.journal = Journal()
        self.targets: Remembered[str, int] = Remembered(self.journal)
        self.receivers: Remembered[str, int] = Remembered(self.journal)
        self.spans: Remembered[SpanKey, Span] = Remembered(self.journal)
        self.unwritten_spans: Remembered[SpanKey, Span | None] = Remembered(self.journal)
        self.unwritten_rows: Remembered[int, Row] = Remembered(self.journal)
        self.counters: Remembered[str, int] = Remembered(self.journal)
        self.next_free: dict[int, int] = {}

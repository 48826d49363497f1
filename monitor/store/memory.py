"""What the writer remembers so that it need not ask; undone with the transaction it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class _Missing:
    """What stood under a key that was not there."""


_MISSING: Final = _Missing()


class Remembered(Generic[K, V]):
    """A mapping whose changes can be taken back to any mark."""

    def __init__(self) -> None:
        self._values: dict[K, V] = {}
        self._before: list[tuple[K, V | _Missing]] = []

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return what is remembered under this key."""
        return self._values.get(key)

    def items(self) -> list[tuple[K, V]]:
        """Return all of it, in the order of first setting."""
        return list(self._values.items())

    def set(self, key: K, value: V) -> None:
        """Remember this in place of what was there."""
        self._before.append((key, self._values.get(key, _MISSING)))
        self._values[key] = value

    def drop(self, key: K) -> None:
        """Forget this key; one that is not there is no error."""
        if key in self._values:
            self._before.append((key, self._values.pop(key)))

    def clear(self) -> None:
        """Forget all of it: it has been written, and goes with its transaction."""
        self._values.clear()
        self._before.clear()

    def mark(self) -> int:
        """Return a place to go back to."""
        return len(self._before)

    def undo(self, mark: int = 0) -> None:
        """Take back every change since the mark."""
        while len(self._before) > mark:
            key, before = self._before.pop()
            if isinstance(before, _Missing):
                self._values.pop(key, None)
            else:
                self._values[key] = before

    def keep(self) -> None:
        """Make the changes final."""
        self._before.clear()


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


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered: ids by name, the open spans by (target id, side), and rows not yet written.

    In `unwritten_spans` None stands for one that was closed and not begun again. `counters` holds `last_at`,
    the newest observation's instant, and `alert_id`, the last one given.
    """

    targets: Remembered[str, int] = field(default_factory=Remembered)
    receivers: Remembered[str, int] = field(default_factory=Remembered)
    spans: Remembered[SpanKey, Span] = field(default_factory=Remembered)
    unwritten_spans: Remembered[SpanKey, Span | None] = field(default_factory=Remembered)
    unwritten_rows: Remembered[int, Row] = field(default_factory=Remembered)
    counters: Remembered[str, int] = field(default_factory=Remembered)
    # Where to look first for an instant without a row; a hint that outlives its job does no harm.
    next_free: dict[int, int] = field(default_factory=dict)

    def marks(self) -> tuple[int, ...]:
        """Return the place to which a failed job is undone."""
        return tuple(part.mark() for part in self._parts())

    def undo(self, marks: tuple[int, ...] | None = None) -> None:
        """Take back what came after these marks; None takes back all that was not made final."""
        for place, part in enumerate(self._parts()):
            part.undo(0 if marks is None else marks[place])

    def keep(self) -> None:
        """Make final what was committed."""
        for part in self._parts():
            part.keep()

    def _parts(self) -> tuple[Remembered[Any, Any], ...]:
        return (
            self.targets,
            self.receivers,
            self.spans,
            self.unwritten_spans,
            self.unwritten_rows,
            self.counters,
        )

"""What the notifier asks of the store; the store's own classes satisfy it.

A row of the outbox is `queued`, `sending`, `delivered` or `undelivered`. It has `next_at` (not before),
`attempts`, `first_attempt_at` and the sentence of its last refusal. What marks rows as attempted adds one to
`attempts` and sets `first_attempt_at` where it was empty. Ids of rows that are gone are passed over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from monitor.model import Notification

T = TypeVar("T")


class Delivery(Protocol):
    """One claimed row."""

    @property
    def id(self) -> int:
        """Rising in the order in which rows were queued."""
        ...

    @property
    def notification(self) -> Notification:
        """What it is about."""
        ...

    @property
    def attempts(self) -> int:
        """How often it was tried."""
        ...

    @property
    def first_attempt_at(self) -> datetime | None:
        """None before the first."""
        ...


class Ledger(Protocol):
    """The outbox, inside one transaction."""

    def claim(self, now: datetime, receivers: Collection[str]) -> Sequence[Delivery]:
        """Mark as sending, and return by id, what may be sent to these receivers now.

        Of each (alert, receiver) that is the oldest row neither delivered nor undelivered, if it is queued
        and its `next_at` has come: a row that waits or is being sent holds back the younger of its pair.
        """
        ...

    def next_delivery_at(self, receivers: Collection[str]) -> datetime | None:
        """Return the earliest `next_at` of a queued row of these receivers, None where none is queued."""
        ...

    def mark_delivered(self, ids: Sequence[int], now: datetime) -> None:
        """Attempted, and delivered."""
        ...

    def mark_failed(self, ids: Sequence[int], now: datetime, sentence: str, next_at: datetime) -> None:
        """Attempted, refused with this sentence, and queued again for `next_at`."""
        ...

    def mark_undelivered(self, ids: Sequence[int], now: datetime, sentence: str) -> None:
        """Attempted, refused with this sentence, and given up."""
        ...

    def postpone(self, ids: Sequence[int], next_at: datetime) -> None:
        """Queue again for `next_at` those of them that are still `sending`, as if never attempted."""
        ...

    def requeue_sending(self) -> None:
        """Queue again all that is `sending`, with the rest as it was: after a crash, and at a stop."""
        ...

    def drop_receivers_except(self, receivers: Collection[str]) -> None:
        """Delete what is queued for, or being sent to, any other receiver."""
        ...

    def hurry(self, receivers: Collection[str], now: datetime) -> None:
        """Make what is queued for these receivers due now."""
        ...


class Writer(Protocol):
    """The one writer: a job runs in a transaction, and its result is there once that is committed."""

    def submit(self, job: Callable[[Ledger], T]) -> Awaitable[T]:
        """Raise StoreError where the database refuses, with nothing of the job written."""
        ...


class Store(Protocol):
    """As much of the store as delivering needs."""

    @property
    def writer(self) -> Writer:
        """The one writer."""
        ...

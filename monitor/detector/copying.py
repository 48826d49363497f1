"""Copies of frozen values with a few fields replaced, where `dataclasses.replace` is what takes the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def replacing(kind: type[T], *names: str) -> Callable[..., T]:
    """Return a function that copies a value of this slotted dataclass; it takes the fields in this order.

    It does as `replace` would, and runs no `__post_init__`; there is none in the model.
    """
    every = tuple(part.name for part in fields(kind))  # type: ignore[arg-type] # kind is a dataclass
    read = attrgetter(*every)
    puts = tuple(getattr(kind, name).__set__ for name in every)
    places = tuple(every.index(name) for name in names)

    def replaced(value: T, *given: Any) -> T:
        held = list(read(value))
        for place, each in zip(places, given, strict=True):
            held[place] = each
        new = object.__new__(kind)
        for put, each in zip(puts, held, strict=True):
            put(new, each)
        return new

    return replaced

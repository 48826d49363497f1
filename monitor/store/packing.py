"""How values are written: small integers for what every row holds, compressed JSON for what is read seldom.

JSON is decoded as a newer or older version of ourselves may have written it: unknown fields are passed over,
missing ones take their defaults.
"""

from __future__ import annotations

import zlib
from dataclasses import fields
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from monitor.model import Failure, Observation, Reading, Reason, Side

T = TypeVar("T")

SIDES = (Side.METADATA, Side.RELEASES)
GOOD = 0
OUTCOMES: tuple[str, ...] = ("good", *(str(reason) for reason in Reason))
_SIDE_CODES = {side: code for code, side in enumerate(SIDES)}
_REASON_CODES = {reason: code for code, reason in enumerate(Reason, start=1)}

# How an observation was got, in one number: bit 0 the side, 1 to 3 the outcome, 4 confirm, 5 unchanged, 6 and
# up the attempts after the first.
OUTCOME_SHIFT = 1
CONFIRM = 1 << 4
UNCHANGED = 1 << 5
ATTEMPTS_SHIFT = 6
_MOST_ATTEMPTS = 16
_MOST = (1 << 31) - 1


def side_code(side: Side) -> int:
    """Return the number of the side."""
    return _SIDE_CODES[side]


def outcome_code(outcome: Reading | Failure) -> int:
    """Return 0 for a reading, else the number of the failure's reason."""
    return GOOD if isinstance(outcome, Reading) else _REASON_CODES[outcome.reason]


def how(observation: Observation) -> int:
    """Return side, outcome and manner of this look as one number."""
    got = observation.got
    packed = _SIDE_CODES[observation.side] | outcome_code(observation.outcome) << OUTCOME_SHIFT
    if got.confirm:
        packed |= CONFIRM
    if got.unchanged:
        packed |= UNCHANGED
    return packed | min(max(got.attempts - 1, 0), _MOST_ATTEMPTS - 1) << ATTEMPTS_SHIFT


def bounded(number: float) -> int:
    """Return the number as one that any integer column takes."""
    return int(min(max(number, 0), _MOST))


def to_json(value: object) -> bytes:
    """Return the value as JSON."""
    return msgspec.json.encode(value)


def to_lean_json(value: Any) -> bytes:
    """Return a dataclass as JSON without the fields that have their defaults."""
    kind: Any = type(value)
    lean = {
        name: held
        for name, default in _defaults(kind)
        if (held := getattr(value, name)) is not default and held != default
    }
    return msgspec.json.encode(lean)


@cache
def _defaults(of: type[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((part.name, part.default) for part in fields(of))


def from_json(body: bytes | str, of: type[T]) -> T:
    """Return the value of this type.

    Raises:
        msgspec.ValidationError: it cannot be one.

    """
    return msgspec.json.decode(body, type=of)


def to_blob(body: bytes) -> bytes:
    """Return the bytes compressed."""
    return zlib.compress(body, 6)


def from_blob(blob: bytes) -> bytes:
    """Return the bytes as they were."""
    return zlib.decompress(blob)


def digest_of(*parts: bytes) -> bytes:
    """Return 16 bytes that stand for these."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def text_tuple(text: str | None) -> tuple[str, ...]:
    """Return the texts of a JSON list."""
    return tuple(msgspec.json.decode(text, type=list[str])) if text else ()


def to_text(value: Any) -> str:
    """Return the value as JSON text."""
    return msgspec.json.encode(value).decode()

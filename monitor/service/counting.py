"""How many there are of something, as people say it."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """Return `1 target`, `2 targets`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"

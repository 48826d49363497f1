"""Style and script, by a name that changes with what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file."""

    body: bytes
    content_type: str


@cache
def assets() -> dict[str, Asset]:
    """Return every file by the name it is asked for."""
    return {
        _named(path): Asset(body=path.read_bytes(), content_type=TYPES[path.suffix])
        for path in sorted(FOLDER.iterdir())
        if path.suffix in TYPES
    }


@cache
def address_of(name: str) -> str:
    """Return where this file is served."""
    return f"/static/{_named(FOLDER / name)}"


def _named(path: Path) -> str:
    return f"{path.stem}.{blake2b(path.read_bytes(), digest_size=6).hexdigest()}{path.suffix}"

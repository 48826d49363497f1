"""From a file to TOML tables, with no way for a hostile or broken file to cost more than a moment."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError

MOST_BYTES = 256 * 1024
MOST_PARTS = 32
# One dotted key of 20,000 parts costs tomllib 5 s and 1 GB. Possessive, so that the search stays linear.
_PART = r"(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
_TOO_MANY_PARTS = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}")


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables of this file.

    Raises:
        ConfigError: it cannot be read, is too large, or is not TOML; with line and column where known.
    """
    if not path.exists():
        raise ConfigError((f"{path}: there is no such file; `tagdrift config init` writes one",))
    return parse(read_text(path, MOST_BYTES), str(path))


def read_text(path: Path, most_bytes: int) -> str:
    """Return the text of a file of ours.

    Raises:
        ConfigError: it cannot be read, is larger than this, or is not UTF-8.
    """
    data = read_bytes(path, most_bytes)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError((f"{path}: line {line} is not UTF-8; save the file in that encoding",)) from None


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """Return what the file holds.

    Raises:
        ConfigError: it cannot be read or is larger than this.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        raise ConfigError((f"{path}: {unreadable(error)}",)) from None
    if len(data) > most_bytes:
        raise ConfigError((f"{path}: it is larger than {most_bytes // 1024} KiB, which is all that is read",))
    return data


def parse(text: str, where: str) -> dict[str, Any]:
    """Return the tables that this text describes.

    Raises:
        ConfigError: it is not TOML, or nothing that anybody would have written.
    """
    found = _TOO_MANY_PARTS.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError((f"{where}: line {line} has a key of more than {MOST_PARTS} parts",))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError((f"{where}: it is nested too deeply",)) from None
    except ValueError as error:
        raise ConfigError((f"{where}: this is not TOML: {_first_small(str(error))}",)) from None


def unreadable(error: OSError | ValueError) -> str:
    """Return why a file could not be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "it may not be read by this user"
    if isinstance(error, IsADirectoryError):
        return "it is a directory, not a file"
    return f"it cannot be read: {getattr(error, 'strerror', None) or error}"


def _first_small(text: str) -> str:
    return text[:1].lower() + text[1:]

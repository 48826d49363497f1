"""Every problem at once, each a sentence that begins with its place in the file."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable
from typing import Any

from monitor.errors import ConfigError

MOST_SHOWN = 60
MOST_NAMES = 12
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Problems:
    """What is wrong, and what will surprise, in the order found."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.warnings: list[str] = []

    def add(self, path: Iterable[str | int], sentence: str) -> None:
        """Note what is wrong at this place."""
        _note(self.found, f"{written_path(path)}: {sentence}")

    def warn(self, path: Iterable[str | int], sentence: str) -> None:
        """Note what will surprise at this place."""
        _note(self.warnings, f"{written_path(path)}: {sentence}")

    def unknown_key(self, path: tuple[str | int, ...], known: Collection[str]) -> None:
        """Note a key that stands for nothing here, with the one that was probably meant."""
        self.add(path, f"there is no such key; {meant(str(path[-1]), known)}")

    def unknown_name(self, path: Iterable[str | int], name: str, known: Collection[str], what: str) -> None:
        """Note the name of something that there is not, with the one that was probably meant."""
        self.add(path, f"there is no {what} {quoted(name)}; {meant(name, known)}")

    def raise_if_any(self) -> None:
        """Raise a `ConfigError` with all that was found, if anything was."""
        if self.found:
            raise ConfigError(tuple(self.found))


def _note(notes: list[str], sentence: str) -> None:
    # Whatever a path or a library's words brought along, nothing is said that a terminal would obey.
    clean = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in sentence)
    if clean not in notes:
        notes.append(clean)


def written_path(path: Iterable[str | int]) -> str:
    """Return a TOML path as it would be typed: `targets."a b".labels`, `routes[0].receivers`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else quoted(part))
    return text


def quoted(text: str) -> str:
    """Return the text in quotes, short, and with nothing in it that a terminal would obey."""
    cut = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
    return json.dumps(cut, ensure_ascii=not cut.isprintable())


def shown(value: Any) -> str:
    """Return what was found, as a sentence may name it."""
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {str(value)[:MOST_SHOWN]}"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    return "a date or time"


def meant(name: str, known: Collection[str]) -> str:
    """Return `did you mean …?`, or what there is if nothing is near."""
    near = difflib.get_close_matches(name[:MOST_SHOWN].lower(), known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {written_path(near)}?"
    names = sorted(written_path([one]) for one in known)
    if not names:
        return "there is none"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"there is {', '.join(names[:MOST_NAMES])}{more}"

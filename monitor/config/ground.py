"""What every section is read with, and what is right in any of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.config.problems import Problems, shown
from monitor.config.secrets import Secrets

Place = tuple[str | int, ...]

# A name stands in URLs, on the command line and in file names.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LONGEST_TEXT = 200


@dataclass(kw_only=True)
class Ground:
    """Where a configuration stands: its folder, its secrets, and what has been found wrong so far.

    `files` are the paths, as written, of files whose content has taken their place.
    """

    folder: Path
    problems: Problems
    secrets: Secrets
    files: dict[str, str] = field(default_factory=dict)


def named_tables(document: Mapping[str, Any], section: str, problems: Problems) -> Iterator[tuple[str, Any]]:
    """Yield what a section like [targets.<name>] holds by name, noting names that cannot be used."""
    value = document.get(section, {})
    if not isinstance(value, Mapping):
        problems.add((section,), f"found {shown(value)}; want a table for each, like [{section}.NAME]")
        return
    for name, table in value.items():
        if NAME.fullmatch(name):
            yield name, table
        else:
            problems.add(
                (section, name),
                "this name cannot be used; want up to 100 letters, digits, '.', '_' and '-', not '._-' first",
            )


def check_texts(labels: Mapping[str, str], place: Place, problems: Problems) -> None:
    """Note labels that no message or page could show."""
    for name, text in labels.items():
        for what in (name, text):
            if not what or len(what) > LONGEST_TEXT or not what.isprintable():
                problems.add((*place, name), f"want 1 to {LONGEST_TEXT} printable characters")
                break


def names_in(document: Mapping[str, Any], section: str) -> Collection[str]:
    """Return the names that a section gives, whether what stands under them is right or not."""
    value = document.get(section)
    return value.keys() if isinstance(value, Mapping) else ()

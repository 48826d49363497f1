"""The demo with its pages, as a process of its own, on a free port."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Demo:
    """Where its pages are, the token that they take, and where its database is."""

    address: str
    token: str
    database: Path


@contextmanager
def playing(folder: Path) -> Iterator[Demo]:
    """Play the incident on pages; it is ended afterwards."""
    command = [sys.executable, "-u", "-m", "monitor", "demo", "--serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--directory", str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            told = next(line for line in process.stdout if line.startswith("Open "))
            found = re.fullmatch(r"Open (\S+)/ \(to ack or silence, log in with (\S+)\)\. .*\n", told)
            assert found is not None, told
            yield Demo(found[1], found[2], folder / "tagdrift.db")
        finally:
            process.terminate()
            process.stdout.read() if process.stdout is not None else None

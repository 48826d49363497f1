"""Which processes there are."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> set[int]:
    """Return the living processes below this one."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            if int(rest.split()[1]) == pid and rest.split()[0] != "Z":
                child = int(name.split(" ", 1)[0])
                found |= {child} | children_of(child)
    return found


def highest_megabytes() -> float:
    """Return the most that was ever resident; getrusage would count the parent's, from before the exec."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

"""How much work something is, told in a way that a slow or busy machine does not change.

What a hostile document costs is compared with what a plain one costs on the same machine, in the same
process, at the same moment. Seconds are never asserted: they are the machine's, not ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import yaml

Result = TypeVar("Result")

# Pure Python, with the calls and small objects of a parser: about a tenth of a second on a desktop of 2024.
PLAIN = "- {tag: v1.2.3, date: 2024-01-01, x: [1, 2, 3]}\n" * 330
TRIES = 3
_known: list[float] = []


def work_of(most: float, work: Callable[[], Result]) -> Result:
    """Do the work and return what comes of it; it may be this many times that of reading the plain document.

    What is over the limit is tried again, each time beside the plain one: a machine can be disturbed, a
    hopeless document is hopeless always.
    """
    measured = []
    for _ in range(TRIES):
        took, result = _processor_time(work)
        if not _known or measured:
            _known[:] = [_processor_time(lambda: yaml.safe_load(PLAIN))[0]]
        measured.append(took / _known[0])
        if measured[-1] < most:
            return result
    raise AssertionError(f"it takes {min(measured):.0f} times the work of a plain document, not {most}")


def _processor_time(work: Callable[[], Result]) -> tuple[float, Result]:
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result

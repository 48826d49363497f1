"""Drive one dialogue; record all that follows from it in one transaction."""

from monitor.poller.look import Poller
from monitor.poller.record import (
    Recorded,
    Telling,
    is_behind,
    keep,
    keep_sight,
    record,
    tell,
    tell_all,
)

__all__ = [
    "Poller",
    "Recorded",
    "Telling",
    "is_behind",
    "keep",
    "keep_sight",
    "record",
    "tell",
    "tell_all",
]

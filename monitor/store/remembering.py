"""What a writer has to know of a database before it writes."""

from __future__ import annotations

from sqlalchemy import Connection

from monitor.store import alerts, names, observations, readings
from monitor.store.memory import Memory


def remember(connection: Connection) -> Memory:
    """Return what is in the database now."""
    memory = Memory()
    for part in (names, readings, alerts, observations):
        part.load(connection, memory)
    memory.journal.keep()
    return memory

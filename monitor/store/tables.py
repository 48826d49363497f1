"""All tables, for whoever needs the whole: migrations, and the making of a fresh file."""

from __future__ import annotations

from monitor.store import (
    acks,
    alerts,
    deliveries,
    documents,
    holds,
    instance,
    names,
    observations,
    readings,
    releases,
    runs,
    silences,
    states,
)
from monitor.store.schema import metadata

__all__ = [
    "acks",
    "alerts",
    "deliveries",
    "documents",
    "holds",
    "instance",
    "metadata",
    "names",
    "observations",
    "readings",
    "releases",
    "runs",
    "silences",
    "states",
]

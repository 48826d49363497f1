"""One drift of one project, as tests of the whole daemon let it happen."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.store import Look
from tests.housing import Housing

OLD = {"20241008": "2024-10-08T12:00:00Z"}
NEW = OLD | {"20241016": "2024-10-16T12:10:00Z"}
BEHIND = "[behind] project: latest.json names 20241008; 20241016 is out"


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2024, 10, 16, hour, minute, second, tzinfo=UTC)


def second(look: Look) -> datetime:
    """Return when it was; looks of one instant are kept a microsecond apart."""
    return look.at.replace(microsecond=0)


async def drifting(housing: Housing) -> None:
    """Open the house at 12:00, let a release be out from 12:10, and let the alert fire at 14:10."""
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    await housing.pass_until(at(14, 10))

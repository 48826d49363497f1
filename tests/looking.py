"""Looks at one target, and what the detector would remember of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.model import (
    CheckName,
    Failure,
    Got,
    Notification,
    Observation,
    Reading,
    Reason,
    Release,
    SeenRelease,
    Severity,
    Side,
    SideState,
    TargetState,
    TellReason,
)
from tests.conftest import START

NAME = "python-build-standalone"
OLD = Release(tag="20241008", version="20241008")
NEW = Release(tag="20241016", version="20241016")
NAMES_OLD = Reading(releases=(OLD,))
LISTS_BOTH = Reading(releases=(NEW, OLD))
TIMED_OUT = Failure(reason=Reason.UNREACHABLE, sentence="timed out after 30 s", answered=False)


def at(**span: float) -> datetime:
    """Return the instant this long after the clock of the tests starts."""
    return START + timedelta(**span)


def look(
    outcome: Reading | Failure = NAMES_OLD,
    when: datetime = START,
    side: Side = Side.METADATA,
    target: str = NAME,
    **got: Any,
) -> Observation:
    """Return a look at one side; what is not said of how it was got has its default."""
    return Observation(target=target, side=side, at=when, outcome=outcome, got=Got(**got))


def seen(tag: str, **changes: Any) -> SeenRelease:
    """Return what is remembered of a release that was there at the first look."""
    return SeenRelease(**({"tag": tag, "version": tag, "first_seen_at": START} | changes))


def side_at(when: datetime | None, **changes: Any) -> SideState:
    """Return a side whose last look, a good one, was at this instant."""
    known = {"looked_at": when, "first_good_at": START, "good_at": when, "complete_at": when}
    return SideState(**(known | changes))


def state_at(when: datetime | None = START, *releases: SeenRelease, **changes: Any) -> TargetState:
    """Return the state after a good look at both sides."""
    known: dict[str, Any] = {
        "target": NAME,
        "metadata": side_at(when),
        "releases_side": side_at(when),
        "releases": {release.tag: release for release in releases},
    }
    return TargetState(**(known | changes))


def message(alert_id: int = 1, receiver: str = "ops", **changes: Any) -> Notification:
    """Return a first message about an alert."""
    known: dict[str, Any] = {
        "alert_id": alert_id,
        "target": NAME,
        "check": CheckName.BEHIND,
        "receiver": receiver,
        "reason": TellReason.FIRST,
        "severity": Severity.WARNING,
        "at": START,
        "title": "[behind]",
        "body": "since 15:40",
        "missing": ("20241016",),
    }
    return Notification(**(known | changes))


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what the file says, asked by nobody of ours."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()

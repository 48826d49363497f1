"""Messages about the founding incident, before they are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.messages import Letter
from monitor.model import AlertState, CheckName, Evidence, Side, TellReason
from tests.telling import after, behind, firing

METADATA = (
    "https://raw.githubusercontent.com/astral-sh/python-build-standalone/latest-release/latest-release.json"
)
RELEASE = "https://github.com/astral-sh/python-build-standalone/releases/tag/20241016"
CONFIRMED = Evidence(at=after(minutes=1, seconds=3), confirmed=True, cache_age_for=timedelta(seconds=12))
FINDING = replace(behind(), metadata_link=METADATA, release_link=RELEASE)
ALERT = firing(evidence=CONFIRMED, finding=FINDING)
RESOLVED = replace(ALERT, state=AlertState.RESOLVED, resolved_at=after(hours=4, minutes=9), finding=None)
DROPPED = replace(ALERT, state=AlertState.DROPPED, resolved_at=after(hours=4))


def letter(alert=ALERT, reason=TellReason.FIRST, **changes) -> Letter:
    return Letter(
        **{
            "alert": alert,
            "reason": reason,
            "now": after(minutes=1, seconds=3),
            "metadata_name": "latest-release.json",
            "published_by": "GitHub",
            "public_url": "https://drift.example.org/",
            **changes,
        }
    )


def finding(**changes) -> Letter:
    return letter(replace(ALERT, finding=replace(FINDING, **changes)))


def about(check: CheckName, side: Side | None = None, reason=TellReason.FIRST, **changes) -> Letter:
    """Return a message about another check than `behind`."""
    found = replace(FINDING, check=check, side=side, sentence="HTTP 503 in 40 looks", **changes)
    return letter(replace(ALERT, check=check, side=side, finding=found, evidence=None), reason)

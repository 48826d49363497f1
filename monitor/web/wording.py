"""How values of the picture are put into words and colours; the same for every page, badge and feed."""

from __future__ import annotations

from datetime import datetime

from monitor.messages import legible, span
from monitor.model import AlertState, Severity, SinceClock
from monitor.status import AlertStatus, Look, SideStatus, TargetStatus, Word

KNOWN_BY = {
    SinceClock.PUBLISHED: "published, the source says",
    SinceClock.TAGGED: "date of the tag",
    SinceClock.COMMITTED: "committed, a lower bound",
    SinceClock.FIRST_SEEN: "first seen by us: at least since",
}
SIGNS = {"critical": "■", "warning": "▲", "pending": "◆", "well": "●", "unknown": "○"}
COLOURS = {
    "critical": "#b3261e",
    "warning": "#b45309",
    "pending": "#8a6d00",
    "well": "#1a7f37",
    "unknown": "#5f6b7a",
}
# What shields.io calls them.
SHIELD_COLOURS = {
    "critical": "red",
    "warning": "orange",
    "pending": "yellow",
    "well": "brightgreen",
    "unknown": "lightgrey",
}


def tone_of(target: TargetStatus) -> str:
    """Return how bad it is: critical, warning, pending, well or unknown."""
    if target.severity is not None:
        return "critical" if target.severity is Severity.CRITICAL else "warning"
    if target.word is Word.PENDING:
        return "pending"
    return "well" if target.word is Word.IN_STEP else "unknown"


def tone_of_alert(alert: AlertStatus) -> str:
    """Return how bad an alert is; one that is over is well."""
    if alert.state is AlertState.PENDING:
        return "pending"
    if alert.state is not AlertState.FIRING:
        return "well"
    return "critical" if alert.severity is Severity.CRITICAL else "warning"


def word_of(target: TargetStatus) -> str:
    """Return the word with what else must be known at a glance."""
    if target.severity is Severity.CRITICAL:
        return f"{target.word}, critical"
    return target.word.value


def fires_in(target: TargetStatus, now: datetime) -> str | None:
    """Return how long until it fires, None where nothing is pending."""
    if target.fires_at is None:
        return None
    return f"in {span(target.fires_at - now)}" if target.fires_at > now else "due, waiting for a look"


def known_by(since_is: SinceClock | None) -> str:
    """Return how an instant is known."""
    return "" if since_is is None else KNOWN_BY[since_is]


def look_in_words(side: SideStatus) -> str:
    """Return how the last look at a side went, and what a cache had to do with it."""
    parts = [] if side.look is Look.GOOD else [side.look.value]
    if side.failed:
        parts.append(f"{side.failed} in a row")
    if side.cache_age_for is not None:
        parts.append(f"from a cache, age {span(side.cache_age_for)}")
    return ", ".join(parts)


def short(text: str | None) -> str:
    """Return a version or name for a cell; a dash where there is none."""
    return "-" if text is None else legible(text, 60)

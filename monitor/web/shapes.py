"""What the API gives besides the values of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.model import CheckName, Severity, TellReason
from monitor.web.timeline import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus:
    """One message to one receiver, and what became of it."""

    id: int
    at: datetime
    alert_id: int
    target: str
    check: CheckName
    receiver: str
    reason: TellReason
    severity: Severity
    state: str
    attempts: int
    next_at: datetime
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    sentence: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStatus:
    """What was named and what was out, each instant with what held from then on, and a sentence."""

    from_at: datetime
    until_at: datetime
    sentence: str
    named: tuple[Point, ...]
    out: tuple[Point, ...]

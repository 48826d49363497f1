"""When a server asks to be left alone, and for how long (RFC 9110, 10.2.3; GitHub's rate limits)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from monitor.errors import ParseError
from monitor.model import Clock

LONGEST_HOLD = timedelta(days=1)
SHORTEST_HOLD = timedelta(seconds=60)
_SAYS_LIMITED = re.compile(rb"rate.?limit|abuse detection|too many requests", re.IGNORECASE)
_SMALLEST_EPOCH = 1_000_000_000
# GitHub's GraphQL says with 200 that a quota is spent, under two names, and sometimes that it asks too fast.
# What it quotes of a repository cannot look like this: quotes are escaped there.
_GRAPHQL_SPENT = re.compile(rb'"type"\s*:\s*"RATE_LIMIT(?:ED)?"')
_GRAPHQL_LIMITED = re.compile(rb'"message"\s*:\s*"[^"]*secondary rate limit', re.IGNORECASE)
_START = 16_384


class Limits(Protocol):
    """Until when each `host` or `host:port` is to be left alone; the store's survives a restart."""

    def until(self, host: str) -> datetime | None:
        """Return what was last held, also when it is past; None where nothing ever was."""
        ...

    def hold(self, host: str, until_at: datetime) -> None:
        """Keep this in place of what was there."""
        ...


class MemoryLimits:
    """Limits that end with the process."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def until(self, host: str) -> datetime | None:
        """Return what was last held, also when it is past."""
        return self._until.get(host)

    def hold(self, host: str, until_at: datetime) -> None:
        """Keep this in place of what was there."""
        self._until[host] = until_at


def held_until(limits: Limits, host: str, clock: Clock) -> datetime | None:
    """Return until when this host is held, None if it may be asked.

    A hold that ends more than a day from now was written under a wrong clock, and counts for nothing.
    """
    until_at = limits.until(host)
    if until_at is None:
        return None
    now = clock.now()
    return until_at if now < until_at <= now + LONGEST_HOLD else None


def retry_after(header: str, now: datetime) -> timedelta:
    """Return how long a server asks us to stay away; a date already past gives zero.

    The header is whole seconds or an HTTP date (RFC 9110, 10.2.3). More than a day becomes a day.

    Raises:
        ParseError: the header is neither.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:12]), LONGEST_HOLD.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError) as error:
        raise ParseError("Retry-After is neither seconds nor a date") from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST_HOLD)


def is_limit(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether this answer means "not now" rather than "no" (403) or "broken" (503); 429 always does."""
    if status == 429:
        return True
    if status == 403:
        return "Retry-After" in headers or is_spent(headers) or _SAYS_LIMITED.search(body) is not None
    return status == 503 and "Retry-After" in headers


def is_spent(headers: Mapping[str, str]) -> bool:
    """Whether the quota is used up with this answer."""
    return _remaining(headers) == "0"


def is_graphql_limit(body: bytes) -> bool:
    """Whether GraphQL's 200 is a limit; GitHub's `X-RateLimit-Remaining` beside it need not be 0."""
    return is_graphql_spent(body) or _GRAPHQL_LIMITED.search(body, 0, _START) is not None


def is_graphql_spent(body: bytes) -> bool:
    """Whether that limit is the quota, which is whole again at its reset."""
    return _GRAPHQL_SPENT.search(body, 0, _START) is not None


def hold_until(headers: Mapping[str, str], now: datetime, *, spent: bool = False) -> datetime:
    """Return until when to stay away: `Retry-After`, else the quota's reset, else a minute; at most a day.

    The reset counts where the quota is spent: as the headers say, or (`spent`) as the body said.
    """
    asked_for = _asked_for(headers, now, spent=spent or is_spent(headers))
    if asked_for <= timedelta(0):
        asked_for = SHORTEST_HOLD
    return now + min(asked_for, LONGEST_HOLD)


def _asked_for(headers: Mapping[str, str], now: datetime, *, spent: bool) -> timedelta:
    """Return the span that the headers ask for; zero where they ask for nothing that can be understood."""
    header = headers.get("Retry-After")
    if header is not None:
        try:
            return retry_after(header, now)
        except ParseError:
            return timedelta(0)
    return until_reset(headers, now) if spent else timedelta(0)


def _remaining(headers: Mapping[str, str]) -> str | None:
    remaining = headers.get("X-RateLimit-Remaining") or headers.get("RateLimit-Remaining")
    return None if remaining is None else remaining.strip()


def until_reset(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long it is until the quota is whole again; zero where the headers do not say."""
    text = (headers.get("X-RateLimit-Reset") or headers.get("RateLimit-Reset") or "").strip()
    if not (text.isascii() and text.isdigit()):
        return timedelta(0)
    reset = int(text[:12])
    # GitHub and GitLab give the instant, the IETF's draft gives the seconds left.
    seconds = reset - now.timestamp() if reset >= _SMALLEST_EPOCH else float(reset)
    return timedelta(seconds=min(seconds, LONGEST_HOLD.total_seconds()))

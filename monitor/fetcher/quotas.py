"""How many questions each host still answers, as its answers say (GitHub's and GitLab's rate limits)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.fetcher.limits import until_reset

_MOST = 1000
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One allowance: of a host, for a credential (empty: none was sent), for what the host calls a resource.

    `remaining` is as the newest answer said; after `resets_at` it is whole again, and `whole` where that is
    known.
    """

    host: str
    credential: str = ""
    resource: str = ""
    remaining: int
    whole: int | None = None
    resets_at: datetime | None = None

    def at(self, now: datetime) -> Quota:
        """Return it as it is now: whole, where it has been reset since."""
        if self.whole is None or self.resets_at is None or now < self.resets_at:
            return self
        return replace(self, remaining=self.whole)


class Quotas:
    """What is known of all hosts since the start."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Quota] = {}

    def note(self, host: str, credential: str | None, headers: Mapping[str, str], now: datetime) -> None:
        """Keep what this answer says, if it says anything."""
        remaining = _count(headers, "Remaining")
        if remaining is None:
            return
        reset_for = until_reset(headers, now)
        quota = Quota(
            host=host,
            credential=credential or "",
            resource=_resource(headers),
            remaining=remaining,
            whole=_count(headers, "Limit"),
            resets_at=now + reset_for if reset_for > timedelta(0) else None,
        )
        key = (quota.host, quota.credential, quota.resource)
        if key in self._known or len(self._known) < _MOST:
            self._known[key] = quota

    def known(self, now: datetime) -> tuple[Quota, ...]:
        """Return all of them as they are now."""
        return tuple(quota.at(now) for _, quota in sorted(self._known.items()))


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = (headers.get(f"X-RateLimit-{name}") or headers.get(f"RateLimit-{name}") or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _resource(headers: Mapping[str, str]) -> str:
    text = headers.get("X-RateLimit-Resource", "").strip()
    return text if text.isascii() and text.isidentifier() and len(text) <= _LONGEST_NAME else ""

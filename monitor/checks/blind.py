"""`blind`: no configured host gives any answer, so it is us."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from monitor.model import CheckName, Failure, Finding, Observation, Severity, SinceClock

AT_LEAST = 2
"""One host that does not answer may well be down itself."""

EVERYBODY = "all targets"


def is_blind(last_looks: Mapping[str, Observation], configured_hosts: Collection[str]) -> bool:
    """Return whether the last looks, by host, say that we cannot see: none of them brought any HTTP answer.

    Two hosts at least must have been asked, unless it is name resolution or routing that fails.
    """
    failures = [last_looks[host].outcome for host in configured_hosts if host in last_looks]
    silent = [failure for failure in failures if isinstance(failure, Failure) and not failure.answered]
    if not silent or len(silent) < len(failures):
        return False
    return len(silent) >= AT_LEAST or all(failure.is_local for failure in silent)


def finding(
    last_looks: Mapping[str, Observation], configured_hosts: Collection[str], now: datetime
) -> Finding | None:
    """Return the one finding for all targets; `since` is the first of the looks that make it."""
    if not is_blind(last_looks, configured_hosts):
        return None
    hosts = sorted(host for host in configured_hosts if host in last_looks)
    since = min(now, *(last_looks[host].at for host in hosts))
    return Finding(
        check=CheckName.BLIND,
        target=EVERYBODY,
        since=since,
        since_is=SinceClock.FIRST_SEEN,
        fires_at=since,
        severity=Severity.WARNING,
        sentence=f"no answer from any of {len(hosts)} hosts; it looks like our own connection",
    )

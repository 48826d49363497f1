"""The polite, distrustful HTTP client: one request in, one whole document or one `Failure` out.

Everything a source reads comes through here, so what is promised of a fetch (conditional requests, one
deadline, caps, checked redirects, limits obeyed, no secret in a sentence) is kept in this room alone.
"""

from __future__ import annotations

from monitor.fetcher.cache import Cache, MemoryCache
from monitor.fetcher.fetch import USER_AGENT, Fetcher, Freshness, NoAnswer
from monitor.fetcher.limits import Limits, MemoryLimits
from monitor.fetcher.masking import mask
from monitor.fetcher.proxies import Proxies
from monitor.fetcher.quotas import Quota
from monitor.fetcher.session import open_session

__all__ = [
    "USER_AGENT",
    "Cache",
    "Fetcher",
    "Freshness",
    "Limits",
    "MemoryCache",
    "MemoryLimits",
    "NoAnswer",
    "Proxies",
    "Quota",
    "mask",
    "open_session",
]

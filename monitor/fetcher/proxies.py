"""The proxies of the operator's environment (`http_proxy`, `https_proxy`, `no_proxy`).

aiohttp's own `trust_env` would also send whatever `~/.netrc` holds, and pays two thread switches a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib import request as environment

from aiohttp import encode_basic_auth
from yarl import URL

from monitor.errors import ParseError
from monitor.fetcher.guard import Reach, reach_of_host
from monitor.fetcher.masking import authority_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """One proxy; its password, if it has one, is in `headers` and nowhere else."""

    url: URL
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Proxies:
    """Which proxy a URL goes through, by scheme; `no_proxy` as curl and urllib read it."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = dict(addresses)
        self._by_scheme = {
            scheme: _proxy(addresses[scheme]) for scheme in ("http", "https") if addresses.get(scheme)
        }

    @classmethod
    def from_environment(cls) -> Proxies:
        """Read the environment.

        Raises:
            ParseError: an address there is not one of an http or https proxy.
        """
        return cls(environment.getproxies_environment())

    def proxy_for(self, url: URL) -> Proxy | None:
        """Return the proxy for this URL, None where it is asked directly; our own machine always is."""
        proxy = self._by_scheme.get(url.scheme)
        if proxy is None or reach_of_host(url.host or "") is Reach.LOOPBACK:
            return None
        if environment.proxy_bypass_environment(  # type: ignore[attr-defined] # typeshed has it for macOS only
            authority_of(url), self._addresses
        ):
            return None
        return proxy


def _proxy(address: str) -> Proxy:
    try:
        url = URL(address if "://" in address else f"http://{address}")
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise ParseError("a proxy in the environment is not an http:// or https:// address")
    if url.user is None:
        return Proxy(url=url)
    authorization = encode_basic_auth(url.user, url.password or "")
    return Proxy(url=url.with_user(None), headers={"Proxy-Authorization": authorization})

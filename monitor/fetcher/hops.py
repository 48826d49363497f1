"""Where a request goes: the configured address, and the addresses that redirects lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aiohttp import encode_basic_auth
from yarl import URL

from monitor.errors import FetchError
from monitor.fetcher.cache import key_of
from monitor.fetcher.guard import Reach, reach_of_host
from monitor.fetcher.masking import authority_of, mask
from monitor.fetcher.proxies import Proxies, Proxy
from monitor.model import Credential, Request

MOST_REDIRECTS = 5
# What tells nothing about us, and without which another server would not understand the request.
_HARMLESS = frozenset({"accept", "accept-encoding", "user-agent", "content-type", "git-protocol"})


class HopError(FetchError):
    """An address that is not gone to; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One address with all that is sent there; `origin` ends in a slash, limits are kept by `host`."""

    url: URL = field(repr=False)
    origin: str
    host: str
    headers: Mapping[str, str] = field(repr=False)
    proxy: Proxy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of a request that does not change from look to look. `secrets` are scrubbed from every sentence.

    `credential` is the name of the secret that is sent.
    """

    first: Hop
    credential: str | None
    key: str
    reach: Reach
    secrets: tuple[str, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """What plans are made with; `allowed_hosts` None means that every address asked for was configured."""

    credentials: Mapping[str, Credential]
    user_agent: str
    proxies: Proxies
    allowed_hosts: frozenset[str] | None

    def plan(self, request: Request) -> Plan:
        """Return the plan of this request.

        Raises:
            HopError: its address cannot be asked, or its credential cannot be sent there.
        """
        url = _parsed(request.url)
        is_configured = self.is_configured(url)
        secret = self._secret(request, url, is_configured=is_configured)
        headers = {
            "Accept": request.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": self.user_agent,
            **request.headers,
        }
        authorization = _authorization(url, secret)
        if authorization is not None:
            headers.setdefault("Authorization", authorization)
        userinfo = f"{url.raw_user or ''}:{url.raw_password or ''}"
        return Plan(
            first=self.hop(url.with_user(None), headers),
            credential=request.credential,
            key=key_of(request, secret or ""),
            reach=_reach_of_first(url, is_configured=is_configured),
            secrets=tuple(
                s for s in (secret, url.password, url.raw_password, userinfo, authorization) if s and s != ":"
            ),
        )

    def is_configured(self, url: URL) -> bool:
        """Whether the operator named this host, or it was not said which ones they named."""
        allowed = self.allowed_hosts
        return allowed is None or url.host in allowed or authority_of(url) in allowed

    def hop(self, url: URL, headers: Mapping[str, str]) -> Hop:
        """Return the hop to this address, which carries no userinfo."""
        proxy = self.proxies.proxy_for(url)
        if proxy is not None and url.scheme == "http":
            # aiohttp gives a proxy's own headers to a CONNECT only.
            headers = {**headers, **proxy.headers}
        return Hop(url=url, origin=f"{url.origin()}/", host=authority_of(url), headers=headers, proxy=proxy)

    def redirected(self, hop: Hop, location: str) -> Hop:
        """Return where a redirect leads; to another origin goes nothing but what is harmless.

        Raises:
            HopError: it leads somewhere that is not gone to.
        """
        if not location:
            raise HopError(f"{mask(hop.url)} redirects without saying where to")
        try:
            url = hop.url.join(URL(location)).with_fragment(None)
            if url.scheme in {"http", "https"} and url.host:
                return self._crossed(hop, url.with_user(None))
        except ValueError:
            pass
        raise HopError(f"{mask(hop.url)} redirects to something that is not an http or https address")

    def _crossed(self, hop: Hop, url: URL) -> Hop:
        if hop.url.scheme == "https" and url.scheme == "http":
            raise HopError(f"{mask(hop.url)} redirects from https to http ({mask(url)}); it was not followed")
        if url.origin() == hop.url.origin():
            return replace(hop, url=url)
        return self.hop(
            url, {name: value for name, value in hop.headers.items() if name.lower() in _HARMLESS}
        )

    def _secret(self, request: Request, url: URL, *, is_configured: bool) -> str | None:
        if request.credential is None:
            return None
        credential = self.credentials.get(request.credential)
        where = mask(url)
        if credential is None:
            raise HopError(f"{where} needs the credential {request.credential!r}, which is not configured")
        if not is_configured:
            raise HopError(
                f"the credential {request.credential!r} is not sent to {where}, a host that is not configured"
            )
        secret = credential.value.strip()
        if not secret or not secret.isprintable() or not secret.isascii():
            raise HopError(
                f"the credential {request.credential!r} is empty or holds characters that no header can"
            )
        return secret


def _parsed(text: str) -> URL:
    try:
        url = URL(text).with_fragment(None)
        if url.scheme in {"http", "https"} and url.host and url.explicit_port != 0:
            return url
    except ValueError:
        pass
    raise HopError(f"{mask(text)} is not an http or https address")


def _authorization(url: URL, secret: str | None) -> str | None:
    if secret is not None:
        return f"Bearer {secret}"
    if url.user is not None or url.password is not None:
        return encode_basic_auth(url.user or "", url.password or "")
    return None


def _reach_of_first(url: URL, *, is_configured: bool) -> Reach:
    if not is_configured:
        return Reach.PUBLIC
    # What is configured by name may be on our network or machine, but no name stands for a metadata service.
    return max(Reach.LOOPBACK, min(reach_of_host(url.host or ""), Reach.LINK_LOCAL))

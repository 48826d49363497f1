"""Who asks, by which name, and what of that may be believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from monitor.config import DaemonConfig

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who asks: `address` is the client's own, behind a trusted proxy the one that it forwards.

    `host` is the name it asked for, in small letters and without a port. `is_direct` is whether it may speak
    to us at all: it is on this machine (`is_local`), or a proxy that we were told of.
    """

    address: str
    host: str
    is_secure: bool
    is_direct: bool
    is_local: bool = False


def peer_of(request: web.BaseRequest, settings: DaemonConfig) -> Peer:
    """Return who asks; forwarded headers are believed of trusted proxies alone."""
    remote = _address(request.remote or "")
    is_trusted = remote is not None and _is_in(remote, settings.trusted_proxies)
    is_direct = remote is None or remote.is_loopback or is_trusted
    forwarded = request.headers if is_trusted else {}
    return Peer(
        address=_client(forwarded.get("X-Forwarded-For", ""), settings.trusted_proxies)
        or request.remote
        or "",
        host=bare_host(str(forwarded.get("X-Forwarded-Host", "") or request.headers.get("Host", ""))),
        is_secure=forwarded.get("X-Forwarded-Proto", "").lower() == "https",
        is_direct=is_direct,
        is_local=not is_trusted and remote is not None and remote.is_loopback,
    )


def names_of(settings: DaemonConfig) -> frozenset[str]:
    """Return the names that the pages answer to; any other is somebody's attempt to rebind a name to us."""
    listen = bare_host(settings.listen)
    public = urlsplit(settings.public_url or "").hostname or ""
    named = {
        listen,
        bare_host(public) if ":" not in public else f"[{public}]",
        *map(str.lower, settings.hosts),
    }
    return LOCAL_NAMES | {name for name in named if name}


def bare_host(host: str) -> str:
    """Return the name in small letters, without the port and the dot of the root."""
    text = host.strip().lower()
    if text.startswith("["):
        address, _, port = text.partition("]")
        return f"{address}]" if not port or port.startswith(":") else ""
    return text.partition(":")[0].removesuffix(".")


def _client(forwarded: str, proxies: Iterable[str]) -> str:
    """Return the last address that no trusted proxy has: what stands before it anybody may have written."""
    for part in reversed(forwarded.split(",")):
        address = _address(part.strip())
        if address is None:
            return ""
        if not _is_in(address, proxies):
            return str(address)
    return ""


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _is_in(address: Address, networks: Iterable[str]) -> bool:
    return any(address in ipaddress.ip_network(network) for network in networks)

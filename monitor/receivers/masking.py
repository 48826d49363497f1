"""What is secret in an Apprise URL, and how to take it out of a text.

Apprise puts tokens wherever a URL has a place: user, password, host, path, query. So everything is a secret
but what is plainly an address that people read: a host name, a channel, a room, a mail address.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

MASK = "****"
# Shorter ones would blot out words; nothing that short keeps anybody out.
SHORTEST = 4
# Options of Apprise and its mail plugin that people need to see in a sentence, and that are no secrets.
OPEN_OPTIONS = frozenset(
    {
        "blocks",
        "cto",
        "footer",
        "format",
        "from",
        "hsreq",
        "image",
        "method",
        "mode",
        "name",
        "overflow",
        "rto",
    }
    | {"schema", "smtp", "timestamp", "to", "v", "verify"}
)
_PEOPLE_READ = re.compile(r"[#!@+].*|[^@\s]+@[^@\s]+\.[^@\s]+")
_HOST = re.compile(r"(?=.{1,80}$)([a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?\.)+[a-z]{2,24}\.?", re.IGNORECASE)


def secrets_of(url: str) -> tuple[str, ...]:
    """Return every part of the URL that must not be shown, the longest first, quoted and unquoted.

    The URL as a whole is one of them.
    """
    found = {url.strip()}
    for part in _parts(url.strip()):
        found |= {part, unquote(part)}
    return tuple(sorted((text for text in found if len(text) >= SHORTEST), key=len, reverse=True))


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return the text with each secret blotted out; give the longest first, as `secrets_of` does."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def masked(url: str) -> str:
    """Return the address as it may be shown: its scheme, and its host if that is no token."""
    split = _split(url)
    if split is None:
        return MASK
    scheme, netloc, _, _ = split
    host = netloc.rpartition("@")[2]
    return f"{scheme}://{host if _is_open_host(host) else MASK}/{MASK}"


def _parts(url: str) -> list[str]:
    split = _split(url)
    if split is None:
        return [url]
    _, netloc, path, query = split
    login, _, host = netloc.rpartition("@")
    parts = [*login.split(":", 1), login]
    if not _is_open_host(host):
        parts += [host, *host.split(":")]
    parts += [part for part in path.split("/") if not _PEOPLE_READ.fullmatch(unquote(part))]
    parts += [part for part in [path.strip("/")] if "/" in part]
    parts += _options(query)
    return parts


def _options(query: str) -> list[str]:
    open_values, secret = OPEN_OPTIONS, []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        # "+X-Token", "-key" and ":field" are headers, parameters and fields that the plugin sends along.
        if name.lower() not in open_values:
            secret.append(value)
    secret += [value for name, value in parse_qsl(query) if name.lower() not in open_values]
    return [value for value in secret if value.lower() not in {"true", "false"}]


def _split(url: str) -> tuple[str, str, str, str] | None:
    scheme, separator, rest = url.strip().partition("://")
    if not separator or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,30}", scheme):
        return None
    try:
        # Room aliases may hold a bare "#", which is no fragment here.
        split = urlsplit(f"x://{rest.replace('#', '%23')}")
    except ValueError:
        return None
    return scheme, split.netloc, split.path, split.query


def _is_open_host(host: str) -> bool:
    name, _, port = host.rpartition(":") if re.search(r":\d{1,5}$", host) else (host, "", "")
    if name == "localhost" or (port and re.fullmatch(r"[a-z0-9-]{1,30}", name, re.IGNORECASE)):
        return not name.isdigit()
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return bool(_HOST.fullmatch(name))
    return True

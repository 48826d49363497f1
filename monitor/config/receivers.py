"""The section [receivers.*]: who is told. An Apprise URL is a secret, and is kept like one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from monitor.config.ground import Ground, Place, named_tables
from monitor.config.loopback import is_loopback
from monitor.config.secrets import HOW, WAYS
from monitor.config.tables import ReceiverTable, validated
from monitor.receivers.masking import OPEN_OPTIONS, secrets_of

# Their addresses are places, where those of chat services are keys to them.
PLAIN = frozenset({"form", "forms", "json", "jsons", "mailto", "mailtos", "syslog", "xml", "xmls"})
_HINT = (
    "keep the URL elsewhere (only form, json, mailto, syslog and xml URLs may stand here, without login and "
    "headers and, but for this machine, without a path) and"
)


def read_receivers(document: Mapping[str, Any], ground: Ground) -> dict[str, str]:
    """Return the URLs by name, empty where they are not wanted."""
    receivers = {}
    for name, value in named_tables(document, "receivers", ground.problems):
        url = _url((document_place := ("receivers", name)), value, ground)
        if url is not None:
            receivers[name] = url
        if url and "://" not in url:
            ground.problems.add((*document_place, "url"), "what is kept there is no Apprise URL (scheme://…)")
    return receivers


def _url(place: Place, value: Any, ground: Ground) -> str | None:
    if isinstance(value, str) or (isinstance(value, Mapping) and not value.keys() - set(WAYS) and value):
        ground.problems.add(place, f"want a table with a url, like url = {HOW}")
        return None
    table = validated(ReceiverTable, value, place, ground.problems)
    if table is None:
        return None
    where = (*place, "url")
    if isinstance(table.url, str) and holds_no_secret(table.url):
        return table.url
    hint = _HINT if isinstance(table.url, str) else ""
    reference = ground.secrets.reference(table.url, where, hint=hint)
    if reference is None:
        return None
    url = ground.secrets.fetch(reference, where)
    ground.secrets.values.extend(secrets_of(url) if url else ())
    return url


def holds_no_secret(url: str) -> bool:
    """Return whether an Apprise URL may be read by everybody.

    A path is a key on somebody else's server, and only a route on our own machine; of mail it is who gets it.
    """
    try:
        split = urlsplit(url)
        host = split.hostname
    except ValueError:
        return False
    if split.scheme not in PLAIN or not host or "@" in split.netloc or not url.isprintable():
        return False
    options = parse_qsl(split.query, keep_blank_values=True)
    if any(name.lower() not in OPEN_OPTIONS for name, _ in options) or split.fragment:
        return False
    parts = [part for part in unquote(split.path).split("/") if part]
    return is_loopback(host) or all("@" in part for part in parts)

"""What may be said of an address: never its password, nor what its query carries."""

from __future__ import annotations

from collections.abc import Iterable

from yarl import URL

_LONGEST_PATH = 200


def mask(url: str | URL) -> str:
    """Return the address with userinfo and fragment gone and the query's values replaced by `…`."""
    try:
        parsed = URL(url)
        authority = authority_of(parsed)
    except ValueError:
        return "an address that is not a URL"
    path = parsed.raw_path
    if len(path) > _LONGEST_PATH:
        path = path[:_LONGEST_PATH] + "…"
    query = parsed.raw_query_string
    return f"{parsed.scheme}://{authority}{path}" + (f"?{_masked_query(query)}" if query else "")


def authority_of(url: URL) -> str:
    """Return host and port as one text, the port only where it is not the scheme's own."""
    return url.host_port_subcomponent or ""


def scrub(sentence: str, secrets: Iterable[str]) -> str:
    """Return the sentence without these secrets: a server may echo what it was sent, in a redirect say."""
    for secret in secrets:
        sentence = sentence.replace(secret, "…")
    return sentence


def _masked_query(query: str) -> str:
    pairs = (part.partition("=") for part in query.split("&")[:10])
    # A part with no "=" may be the token itself.
    return "&".join(f"{name}=…" if equals else "…" for name, equals, _ in pairs)

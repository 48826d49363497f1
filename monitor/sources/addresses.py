"""URLs of the configuration: what is wrong with one, and what may be shown of it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_LONGEST = 2000
_LONGEST_SHOWN = 200


def problem_with(url: str) -> str | None:
    """Return what is wrong with an address to be asked, as the end of a sentence; None if nothing is."""
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not an http or https address with a host"
    if "@" in parts.netloc:
        return "has a user or password in it, which would end up in messages; use a credential"
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return (
            f"must be at most {_LONGEST} printable ASCII characters without spaces; escape the others with %"
        )
    if "#" in url:
        return "has a fragment (#…), which is never sent"
    return None


def shown(url: str) -> str:
    """Return the address as it may stand in a sentence: without user, password, query and fragment."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "an address that is not a URL"
    bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    shortened = bare if len(bare) <= _LONGEST_SHOWN else bare[:_LONGEST_SHOWN] + "…"
    return shortened + ("?…" if parts.query else "")


def link(url: str) -> str:
    """Return the address for people to follow: without user, query and fragment, which may be secret."""
    parts = _split(url)
    if parts is None:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def last_part(url: str) -> str:
    """Return the file's name in an address, or its host where it has none."""
    parts = _split(url)
    if parts is None:
        return "an address that is not a URL"
    name = parts.path.rstrip("/").rpartition("/")[2]
    return (name or parts.hostname or "")[:_LONGEST_SHOWN]


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, None where it has none or a port that is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts

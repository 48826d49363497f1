"""What messages call the two sides of a target."""

from __future__ import annotations

from urllib.parse import urlsplit

from monitor.model import Source, Target
from monitor.sources import addresses, kind_named


def metadata_name(target: Target | None) -> str:
    """Return what the metadata is called, `latest-release.json`."""
    if target is None or target.metadata.spec is None:
        return "the metadata"
    return kind_named(target.metadata.kind).label(target.metadata.spec)


def metadata_link(target: Target | None) -> str | None:
    """Return the address that is asked for the metadata, without what may be secret in it."""
    url = None if target is None else _first_url(target.metadata)
    return None if url is None else addresses.link(url)


def published_by(target: Target | None) -> str | None:
    """Return who says when a release was published; None where that is not known."""
    if target is None:
        return None
    if target.releases.kind == "github":
        return "GitHub"
    url = _first_url(target.releases)
    return None if url is None else urlsplit(url).hostname


def _first_url(source: Source) -> str | None:
    """Return the first address that is asked; None where it is not known, in a history for one."""
    if source.spec is None:
        return None
    return next(iter(kind_named(source.kind).urls(source.spec)), None)

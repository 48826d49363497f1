"""What messages call the two sides of a target."""

from __future__ import annotations

from monitor.model import Target


def metadata_name(target: Target | None) -> str:
    """Return what the metadata is called, `latest-release.json`."""
    url = "" if target is None else getattr(target.metadata.spec, "url", "")
    return str(url).rsplit("/", 1)[-1] or "the metadata"


def metadata_link(target: Target | None) -> str | None:
    """Return the address that is asked for the metadata, where there is one."""
    return None if target is None else getattr(target.metadata.spec, "url", None)


def published_by(target: Target | None) -> str | None:
    """Return who says when a release was published."""
    return "GitHub" if target is not None and target.releases.kind == "github" else None

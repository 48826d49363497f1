"""A list of releases as a server gives it: each tag once, and only tags that can be shown."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Reading, Release
from monitor.sources.naming import some
from monitor.versions import LONGEST


def listed(releases: Iterable[Release], *, newest: int | None, link: str) -> Reading:
    """Return the reading; a tag that comes twice (a page that moved while it was read) counts once.

    Tags that cannot be printed or have over 256 characters are left out, with one sentence for all of them.
    """
    kept: dict[str, Release] = {}
    strangers: list[str] = []
    for release in releases:
        if release.tag.isprintable() and len(release.tag) <= LONGEST:
            kept.setdefault(release.tag, release)
        else:
            strangers.append(release.tag)
    left_out = (
        (f"{len(strangers):,} left out, unprintable or over {LONGEST} characters: {some(strangers)}",)
        if strangers
        else ()
    )
    return Reading(releases=tuple(kept.values()), newest=newest, left_out=left_out, link=link)

"""From what a source calls a release to the version that is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.model import Reading
from monitor.sources.patterns import named_parts
from monitor.versions import LONGEST, excerpt

_SHOWN = 3


def comb(reading: Reading, pattern: str | None) -> Reading:
    """Return the reading with every release's `version` filled in, and without those that have none.

    `pattern` is the policy's `tags` for releases, the source's own `pattern` for metadata: a regular
    expression that must match the whole tag, whose group `version` is the version, or all of it where there
    is no such group. Without a pattern one leading `v` before a digit is stripped. What does not match, and
    what is longer than 256 characters, is left out with one sentence for all of it; nothing may remain.

    Raises:
        ParseError: the pattern is not a regular expression, or takes too long on a tag.
    """
    tags = [release.tag for release in reading.releases]
    versions = [_plain(tag) for tag in tags] if pattern is None else list(named_parts(pattern, tags))
    kept = [
        replace(release, version=version)
        for release, version in zip(reading.releases, versions, strict=True)
        if version
    ]
    strangers = [tag for tag, version in zip(tags, versions, strict=True) if not version]
    return replace(
        reading,
        releases=tuple(kept),
        left_out=(*reading.left_out, *_left_out(strangers, len(tags), pattern)),
    )


def some(texts: Sequence[str]) -> str:
    """Return the first few of these untrusted texts and how many more there are, for a sentence."""
    shown = ", ".join(excerpt(text) for text in texts[:_SHOWN])
    return shown + (f" and {len(texts) - _SHOWN:,} more" if len(texts) > _SHOWN else "")


def _plain(tag: str) -> str | None:
    if len(tag) > LONGEST:
        return None
    return tag[1:] if tag[:1] == "v" and tag[1:2].isdigit() else tag


def _left_out(strangers: Sequence[str], total: int, pattern: str | None) -> Iterable[str]:
    if not strangers:
        return ()
    why = f"are longer than {LONGEST} characters" if pattern is None else f"do not match {excerpt(pattern)}"
    return (f"{len(strangers):,} of {total:,} {why} and are left out: {some(strangers)}",)

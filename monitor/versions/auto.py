"""The rule `auto`: the first of semver, PEP 440 and numeric in which the versions found make sense."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.errors import ParseError
from monitor.versions import numeric, pep440, semver
from monitor.versions.scheme import Scheme, excerpt

AUTO = "auto"
_PERCENT = 90
_SHOWN = 3


def decide(named: Sequence[str], tags: Sequence[str]) -> str:
    """Return the name of the first scheme in which what is named and 90 % of the tags parse.

    Both are versions, without what `pattern` and `tags` strip. Where the metadata names several, 90 % of them
    must parse as well: which one is the highest is not known before there is a scheme. One side may be empty.

    Raises:
        ParseError: no scheme fits (names three of the texts that do not parse), or there is nothing to go by.
    """
    if not named and not tags:
        raise ParseError("no scheme can be chosen while neither side has a version")
    schemes = (semver.scheme(None), pep440.scheme(None), numeric.scheme(None))
    for scheme in schemes:
        if _fits(scheme, named) and _fits(scheme, tags):
            return scheme.name
    raise ParseError(_refusal(schemes, named, tags))


def _fits(scheme: Scheme, texts: Sequence[str]) -> bool:
    return len(_strangers(scheme, texts)) * 100 <= len(texts) * (100 - _PERCENT)


def _strangers(scheme: Scheme, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if scheme.key(text) is None]


def _refusal(schemes: Sequence[Scheme], named: Sequence[str], tags: Sequence[str]) -> str:
    nearest = min(schemes, key=lambda scheme: len(_strangers(scheme, tags)))
    strangers = _strangers(nearest, tags)
    if _fits(nearest, tags):
        what, strangers = "versions that the metadata names", _strangers(nearest, named)
        total = len(named)
    else:
        what, total = "tags", len(tags)
    shown = ", ".join(excerpt(text) for text in strangers[:_SHOWN])
    return (
        f"no scheme fits: of {total} {what}, {len(strangers)} are not versions under {nearest.name}, the"
        f" nearest ({shown}); set `scheme`, or `tags` and `pattern` to what a version looks like"
    )

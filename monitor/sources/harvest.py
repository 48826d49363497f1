"""The releases that paths find in a document: versions, and what is known of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from monitor.errors import ParseError
from monitor.model import Release
from monitor.sources.instants import instant_of
from monitor.sources.selection import Found, Place, found
from monitor.sources.trees import DateText, described
from monitor.versions import LONGEST, excerpt

_MOST_KEYS = 10
_MOST_STEPS = 8
_LONGEST_NAME = 60


class Paths(Protocol):
    """The paths of a spec."""

    @property
    def path(self) -> str:
        """The path to the versions."""
        ...

    @property
    def date_path(self) -> str | None:
        """The path to their publications."""
        ...

    @property
    def prerelease_path(self) -> str | None:
        """The path to whether they are pre-releases."""
        ...


def releases_in(tree: object, paths: Paths, where: str) -> tuple[Release, ...]:
    """Return the releases, each tag once: where it stands several times, its first publication counts.

    Dates and pre-release marks belong to the version that they stand nearest to.

    Raises:
        ParseError: a path finds nothing, what it finds is of the wrong kind, or it does not say whose it is.
    """
    versions = _found(tree, "path", paths.path, where)
    tags = [tag_of(each.value, _at(where, each.place)) for each in versions]
    places = [each.place for each in versions]
    dates = _paired(tree, places, "date_path", paths.date_path, where)
    marks = _paired(tree, places, "prerelease_path", paths.prerelease_path, where)
    releases: dict[str, Release] = {}
    for tag, date, mark in zip(tags, dates, marks, strict=True):
        release = Release(
            tag=tag,
            published_at=None if date is None else instant_of(date.value, _at(where, date.place)),
            prerelease=None if mark is None else _truth(mark.value, _at(where, mark.place)),
        )
        releases[tag] = _earlier(releases[tag], release) if tag in releases else release
    return tuple(releases.values())


def tag_of(value: object, what: str) -> str:
    """Return a value that must be a version's text.

    Raises:
        ParseError: it is a number (1.10 is read as 1.1, so that nobody can tell them apart), or no text
        that can
            be a version; begins with `what`.
    """
    if isinstance(value, str) and not isinstance(value, DateText):
        return _usable(value, what)
    raise ParseError(f"{what} is {described(value)}, not the text of a version{_remedy(value)}")


def _usable(text: str, what: str) -> str:
    if not text.strip():
        raise ParseError(f"{what} is an empty text, not a version")
    if len(text) > LONGEST:
        raise ParseError(f"{what} has {len(text):,} characters, too many for a version: {excerpt(text)}")
    if not text.isprintable():
        raise ParseError(
            f"{what} has characters that cannot be printed, which no version has: {excerpt(text)}"
        )
    return text


def _remedy(value: object) -> str:
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        # The reason that people forget: 1.10 and 1.1 are the same number.
        return "; quote it in the document (1.10 without quotes is read as 1.1), or read it with kind `text`"
    if isinstance(value, list | dict):
        return "; let `path` lead to the text itself"
    return ""


def _truth(value: object, what: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise ParseError(f"{what} is {described(value)}, neither true nor false")


def _earlier(one: Release, other: Release) -> Release:
    known = [each.published_at for each in (one, other) if each.published_at is not None]
    return replace(one, published_at=min(known, default=None))


def _found(tree: object, key: str, path: str, where: str) -> list[Found]:
    values = found(path, tree, where)
    if not values:
        raise ParseError(f"{where}: `{key}` {path} finds nothing; {_contents(tree)}")
    return values


def _contents(tree: object) -> str:
    if isinstance(tree, dict):
        names = [excerpt(str(name)) for name in list(tree)[:_MOST_KEYS]]
        more = f" and {len(tree) - _MOST_KEYS:,} more" if len(tree) > _MOST_KEYS else ""
        return f"the document has {', '.join(names)}{more}" if names else "the document is an empty object"
    if isinstance(tree, list):
        return f"the document is a list of {len(tree):,}"
    return f"the document is {described(tree)}"


def _paired(
    tree: object, versions: Sequence[Place], key: str, path: str | None, where: str
) -> list[Found | None]:
    """Return for each version the value that stands nearest to it; None where there is none.

    Nearest is what shares the longest beginning of its place. It must be so from both sides: a date that
    stands beside another version is not that of one which has none.

    Raises:
        ParseError: two values are equally near to one version, or two versions to one value.
    """
    if path is None:
        return [None] * len(versions)
    values = _found(tree, key, path, where)
    value_counts, version_counts = _counts(each.place for each in values), _counts(versions)
    homes = {_home(each.place, version_counts): each for each in values}
    paired = []
    for version in versions:
        home = _home(version, value_counts)
        value = homes.get(home)
        if value is not None and max(value_counts[home], version_counts[home]) > 1:
            raise ParseError(
                f"{where}: `{key}` {path} does not say whose each value is: at {_place(home)} it has"
                f" {value_counts[home]:,} for {version_counts[home]:,} versions"
            )
        paired.append(value)
    return paired


def _counts(places: Iterable[Place]) -> Counter[Place]:
    """Return how many of these places begin in each way."""
    return Counter(beginning for place in places for beginning in _beginnings(place))


def _home(place: Place, others: Counter[Place]) -> Place:
    """Return the longest beginning of this place that one of the others has too."""
    return next(beginning for beginning in _beginnings(place) if beginning in others)


def _beginnings(place: Place) -> Iterator[Place]:
    """Yield the beginnings of a place, the longest first."""
    for length in range(len(place), -1, -1):
        yield place[:length]


def _at(where: str, place: Place) -> str:
    """Return where a value stands, for a sentence."""
    return f"{where}: {_place(place)}"


def _place(place: Place) -> str:
    return "$" + "".join(map(_step, place[:_MOST_STEPS])) + ("…" if len(place) > _MOST_STEPS else "")


def _step(step: str | int) -> str:
    # The length first: this is asked for every value, and a name may have a million letters.
    is_plain = isinstance(step, str) and len(step) <= _LONGEST_NAME and step.isidentifier() and step.isascii()
    return f".{step}" if is_plain else f"[{excerpt(step) if isinstance(step, str) else step}]"

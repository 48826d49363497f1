"""What the two sides of a scenario's target answer at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.config.durations import parse_duration
from monitor.model import Failure, Reading, Reason, Release, Side

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FAILURES = {
    "unreachable": Failure(reason=Reason.UNREACHABLE, sentence="answered 503"),
    "refused": Failure(reason=Reason.REFUSED, sentence="answered 404"),
    "limited": Failure(reason=Reason.LIMITED, sentence="answered 429"),
    "silent": Failure(reason=Reason.UNREACHABLE, sentence="no answer", answered=False),
    "malformed": Failure(reason=Reason.MALFORMED, sentence="there is no version in the answer"),
}


@dataclass
class World:
    """The project that is watched: what its metadata names, and what it has released."""

    names: list[str] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    fails: dict[Side, str] = field(default_factory=dict)
    cache_age_for: timedelta | None = None
    released: dict[str, Release] = field(default_factory=dict)
    shown: list[Release] | None = None
    lacks: frozenset[str] = frozenset()
    window: int | None = None

    def happen(self, what: Mapping[str, Any], at: datetime) -> frozenset[Side]:
        """Let it happen, and return the sides that answer otherwise from now on."""
        changed = set()
        if "metadata" in what:
            self._say(what["metadata"])
            changed.add(Side.METADATA)
        for entry in _several(what.get("publish", ())):
            self._publish(entry, at)
            changed.add(Side.RELEASES)
        for tag in _several(what.get("withdraw", ())):
            del self.released[tag]
            changed.add(Side.RELEASES)
        if "releases" in what:
            self._show(what["releases"], at)
            changed.add(Side.RELEASES)
        return frozenset(changed)

    def answer(self, side: Side) -> Reading | Failure:
        """Return what a look at this side gets now."""
        if self.fails.get(side) == "empty":
            return Reading(releases=())
        if side in self.fails:
            return _FAILURES[self.fails[side]]
        return self._metadata() if side is Side.METADATA else self._releases()

    def _metadata(self) -> Reading:
        if self.turns:
            self.turns = [*self.turns[1:], self.turns[0]]
            return _named([self.turns[-1]])
        return _named(self.names)

    def _releases(self) -> Reading:
        shown = list(self.released.values()) if self.shown is None else self.shown
        shown = [release for release in shown if release.tag not in self.lacks]
        if self.window is None:
            return Reading(releases=tuple(shown))
        newest = sorted(shown, key=lambda release: release.published_at or LONG_AGO, reverse=True)
        return Reading(releases=tuple(newest[: self.window]), newest=self.window)

    def _say(self, said: Any) -> None:
        self.fails.pop(Side.METADATA, None)
        self.turns, self.cache_age_for = [], None
        if not isinstance(said, Mapping):
            self.names = _several(said)
            return
        if "fails" in said:
            self.fails[Side.METADATA] = said["fails"]
        self.turns = list(said.get("turns", ()))
        if "age" in said:
            self.cache_age_for = parse_duration(said["age"])
        self.names = _several(said.get("names", self.names))

    def _show(self, shown: Mapping[str, Any], at: datetime) -> None:
        self.fails.pop(Side.RELEASES, None)
        for entry in shown.get("list", ()):
            self._publish(entry, at)
        if "fails" in shown:
            self.fails[Side.RELEASES] = shown["fails"]
        self.lacks = frozenset(shown.get("lacks", ()))
        self.shown = list(self.released.values()) if shown.get("lags") else None
        self.window = shown.get("window", self.window)

    def _publish(self, entry: str | Mapping[str, Any], at: datetime) -> None:
        table = {"tag": entry} if isinstance(entry, str) else entry
        tag = table["tag"]
        before = self.released.get(tag)
        published_at = table.get("published", at if before is None else before.published_at)
        self.released[tag] = Release(
            tag=tag,
            version=tag[1:] if tag[:1] == "v" and tag[1:2].isdigit() else tag,
            published_at=published_at or None,
            prerelease=table.get("prerelease"),
            draft=table.get("draft", False),
        )


def _named(names: Sequence[str]) -> Reading:
    return Reading(releases=tuple(Release(tag=name, version=name) for name in names))


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

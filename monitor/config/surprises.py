"""What is allowed and will surprise: each a sentence, none a reason to refuse the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.config.durations import written
from monitor.config.ground import Ground, Place
from monitor.config.loopback import is_loopback
from monitor.config.routes import warn_of_labels
from monitor.config.values import Config
from monitor.model import Side, Source, Target
from monitor.sources import Kind, kind_named

# How long the answers of these hosts may be old: they are served by a shared cache (`max-age`).
CACHES = {
    "raw.githubusercontent.com": timedelta(minutes=5),
    ".github.io": timedelta(minutes=10),
}
POLITE = timedelta(minutes=1)


def warn(config: Config, ground: Ground) -> None:
    """Note everything of this configuration that will surprise."""
    if not config.targets:
        ground.problems.warn(("targets",), "there is none, so nothing is watched")
    if not config.receivers:
        ground.problems.warn(("receivers",), "there is none, so nobody will be told")
    _warn_of_strays(config, ground)
    warn_of_labels(config.routes, config.targets, ground)
    for target in config.targets.values():
        place = ("targets", target.name)
        _warn_of_time(target, place, config, ground)
        _warn_of_sides(target, place, ground)
        for side in Side:
            _warn_of_credentials(target.source(side), (*place, side.value), ground)


def cache_age(source: Source) -> timedelta:
    """Return how old an answer of this source may be when it comes, as far as that is known."""
    ages = [age for host in _hosts(source) for name, age in CACHES.items() if f".{host}".endswith(name)]
    return max(ages, default=timedelta(0))


def _warn_of_strays(config: Config, ground: Ground) -> None:
    used = {
        name
        for target in config.targets.values()
        for side in Side
        for name in _credentials(target.source(side))
    }
    for name in config.credentials.keys() - used:
        ground.problems.warn(("credentials", name), "no target uses it")
    told = {name for route in config.routes for name in route.receivers}
    for name in config.receivers.keys() - told if config.routes else ():
        ground.problems.warn(("receivers", name), "no route names it; it gets only what matches no route")


def _warn_of_time(target: Target, place: Place, config: Config, ground: Ground) -> None:
    age = cache_age(target.metadata)
    late = target.interval + age
    if target.policy.threshold < late:
        cache = f" and a cache of {written(age)}" if age else ""
        ground.problems.warn(
            (*place, "threshold"),
            f"{written(target.policy.threshold)} is less than the interval of {written(target.interval)}"
            f"{cache}, by which we may be late ourselves",
        )
    if config.daemon.deadline_for > target.interval:
        ground.problems.warn((*place, "interval"), "one look may take longer than this (daemon.deadline_for)")
    hosts = {host for side in Side for host in _hosts(target.source(side))}
    if target.interval < POLITE and not all(map(is_loopback, hosts)):
        ground.problems.warn(
            (*place, "interval"), f"{written(target.interval)} is impolite to somebody else's server"
        )


def _warn_of_sides(target: Target, place: Place, ground: Ground) -> None:
    kind = kind_named(target.releases.kind)
    if not target.policy.prereleases and not kind.tells_prereleases(target.releases.spec):
        ground.problems.warn(
            (*place, "releases"),
            f"{kind.label(target.releases.spec)} cannot tell pre-releases, so each counts as a release; "
            f"{_told_by(kind, target.releases.spec)}leave them out by tags",
        )
    if target.metadata == target.releases:
        ground.problems.warn(
            place, "both sides are the same source, so the one can never be behind the other"
        )


def _told_by(kind: Kind, spec: Any) -> str:
    """Return the advice to set the key that would tell pre-releases, where the kind has one."""
    for key in ("prerelease_path", "token"):
        if hasattr(spec, key) and kind.tells_prereleases(replace(spec, **{key: "x"})):
            return f"set {key}, or "
    return ""


def _warn_of_credentials(source: Source, place: Place, ground: Ground) -> None:
    if not _credentials(source):
        return
    for url in kind_named(source.kind).urls(source.spec):
        if urlsplit(url).scheme == "http" and not is_loopback(urlsplit(url).hostname or ""):
            ground.problems.warn(place, "its credential is sent without encryption; use https")


def _credentials(source: Source) -> tuple[str, ...]:
    return kind_named(source.kind).credentials(source.spec)


def _hosts(source: Source) -> Iterator[str]:
    for url in kind_named(source.kind).urls(source.spec):
        yield (urlsplit(url).hostname or "").lower()

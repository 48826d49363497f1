"""Flags for every key of a policy, so that one can be tried without a file."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from monitor.replay import Change

R = TypeVar("R")

_SPAN = "DURATION"
_OPTIONS = {
    "scheme": click.option(
        "--scheme", metavar="NAME", help="How versions are ordered; by default found out."
    ),
    "tags": click.option("--tags", metavar="REGEX", help="Which tags are releases."),
    "prereleases": click.option(
        "--prereleases/--no-prereleases", default=None, help="Whether pre-releases count as releases."
    ),
    "ignore": click.option(
        "--ignore", metavar="VERSION", multiple=True, help="A tag or version not waited for; may be repeated."
    ),
    "threshold": click.option(
        "--threshold",
        metavar=f"{_SPAN}[,…]",
        help="How long the metadata may be behind, by default 2h; several are compared.",
    ),
    "critical_after": click.option("--critical-after", metavar=_SPAN, help="When an alert becomes critical."),
    "unreachable_after": click.option(
        "--unreachable-after", metavar=_SPAN, help="How long a side may fail to be read."
    ),
    "malformed_grace": click.option(
        "--malformed-grace", metavar=_SPAN, help="How long the metadata may be unreadable."
    ),
    "unlisted": click.option(
        "--unlisted", metavar="on|off", help="Whether it is told that the metadata names what is not out."
    ),
    "unlisted_grace": click.option(
        "--unlisted-grace", metavar=_SPAN, help="How long it may name what is not out."
    ),
    "rollback": click.option(
        "--rollback", metavar="alert|allow", help="Whether going back is a reason to alert."
    ),
    "keep_firing_for": click.option(
        "--keep-firing-for", metavar=_SPAN, help="How long the end of an alert is held back."
    ),
    "repeat_every": click.option("--repeat-every", metavar=_SPAN, help="How often a message is repeated."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFlags:
    """What a command gets that has `@policy_flags`: the keys that were given, as they were written."""

    given: Mapping[str, Any] = field(default_factory=dict)
    thresholds: tuple[str, ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Return what the flags do to a policy: one change a threshold, by rising threshold.

        Raises:
            ConfigError: something is wrong with what was given; all of it is said.
        """
        from monitor.config.flags import policy_with

        each = [{**self.given, "threshold": text} for text in self.thresholds] or [dict(self.given)]
        spans = {policy_with(keys).threshold: keys for keys in each}
        return tuple(partial(policy_with, keys) for _, keys in sorted(spans.items()))


def policy_flags(function: Callable[..., R]) -> Callable[..., R]:
    """Add a flag for each key of a policy; the command gets `policy: PolicyFlags`."""

    @functools.wraps(function)
    def gathered(*args: Any, **kwargs: Any) -> R:
        given = {key: kwargs.pop(key) for key in _OPTIONS}
        thresholds = tuple(each.strip() for each in (given.pop("threshold") or "").split(",") if each.strip())
        given = {
            key: list(value) if key == "ignore" else value
            for key, value in given.items()
            if value not in (None, ())
        }
        return function(*args, policy=PolicyFlags(given=given, thresholds=thresholds), **kwargs)

    decorated: Callable[..., R] = gathered
    for option in reversed(_OPTIONS.values()):
        decorated = option(decorated)
    return decorated

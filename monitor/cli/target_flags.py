"""Flags that describe one target, so that a look needs no file."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

import click

from monitor.config import Config, Flags, quick

R = TypeVar("R")

_OPTIONS = (
    click.option("--github", metavar="OWNER/NAME", help="The releases are those of this GitHub repository."),
    click.option("--git", metavar="URL", help="The releases are the tags of this git repository."),
    click.option(
        "--metadata", metavar="URL", help="The metadata; .json, .toml, .yaml or text by its ending."
    ),
    click.option("--path", metavar="JSONPATH", help="Where in the metadata the version is, like '$.tag'."),
    click.option("--pattern", metavar="REGEX", help="What the metadata's version looks like."),
    click.option("--tags", metavar="REGEX", help="Which tags are releases."),
    click.option("--scheme", metavar="NAME", help="How versions are ordered; by default found out."),
    click.option(
        "--threshold", metavar="DURATION", help="How long the metadata may be behind; by default 2h."
    ),
    click.option("--name", metavar="NAME", help="What the target is called; by default as its repository."),
    click.option("--token-env", metavar="NAME", help="The environment variable with a GitHub token."),
)


class TargetFlags(Flags):
    """What a command gets that has `@target_flags`."""

    @property
    def are_given(self) -> bool:
        """Whether any of the flags stood on the line."""
        return any(getattr(self, field.name) is not None for field in fields(self))

    def config(self, environ: Mapping[str, str]) -> Config:
        """Return a configuration of the one target that the flags describe.

        Raises:
            ConfigError: they do not describe one.
        """
        return quick(self, environ)


def target_flags(function: Callable[..., R]) -> Callable[..., R]:
    """Add the flags; the command gets `flags: TargetFlags`."""

    @functools.wraps(function)
    def gathered(*args: Any, **kwargs: Any) -> R:
        flags = TargetFlags(**{field.name: kwargs.pop(field.name) for field in fields(Flags)})
        return function(*args, flags=flags, **kwargs)

    decorated: Callable[..., R] = gathered
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated

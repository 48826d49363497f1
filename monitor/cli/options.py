"""Options that several commands take, each a decorator, and the examples that every help ends with."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor.cli.paths import config_path

F = TypeVar("F", bound=Callable[..., Any])


class Format(StrEnum):
    """For whom a command writes."""

    TEXT = "text"
    JSON = "json"


def config_option(function: F) -> F:
    """Add `--config`; the command gets `config_path: Path`, wherever on the line the option stood."""
    return click.option(
        "--config",
        "config_path",
        metavar="FILE",
        type=click.Path(path_type=Path),
        callback=_chosen,
        help="The configuration; else $TAGDRIFT_CONFIG, else /etc/tagdrift/config.toml.",
    )(function)


def shared_config_option(function: F) -> F:
    """Add `--config` before the command's name; `config_option` of the command takes it up."""
    return click.option(
        "--config",
        "shared_config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_shared,
        help="The configuration; also after the command's name.",
    )(function)


def format_option(function: F) -> F:
    """Add `--format text|json`; the command gets `form: Format`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([form.value for form in Format], case_sensitive=False),
        default=Format.TEXT.value,
        callback=lambda _, __, value: Format(value),
        show_default=True,
        help="Tables for people or JSON for machines.",
    )(function)


def examples(*lines: str) -> str:
    """Return the end of a command's help (`epilog=`): one example a line."""
    heading = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(("\b", heading, *(f"  {line}" for line in lines)))


def _chosen(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path:  # noqa: ARG001 click's signature
    return config_path(value or ctx.find_root().meta.get(_KEY))


def _shared(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:  # noqa: ARG001 click's signature
    ctx.meta[_KEY] = value


_KEY = "tagdrift.config"

"""Flags that say which history is played, and which part of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.cli.options import config_option
from monitor.cli.paths import config_path
from monitor.cli.progress import show_step
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.replay import History, Place

R = TypeVar("R")


class Instant(click.ParamType[datetime]):
    """An instant as people write it: a day, or ISO 8601; without an offset it is UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant."""
        from monitor.errors import ParseError
        from monitor.replay import instant

        if isinstance(value, datetime):
            return value
        try:
            return instant(str(value), "it")
        except ParseError as error:
            self.fail(str(error), param, ctx)


def since_option(function: Callable[..., R]) -> Callable[..., R]:
    """Add `--since`; the command gets `since: datetime | None`."""
    return click.option(
        "--since", metavar="DATE", type=Instant(), help="Count from here on; what came before is still known."
    )(function)


def until_option(function: Callable[..., R]) -> Callable[..., R]:
    """Add `--until`; the command gets `until: datetime | None`."""
    return click.option(
        "--until", metavar="DATE", type=Instant(), help="Where the history ends; by default at its last row."
    )(function)


_CONFIGURED = "the configured one"
_OPTIONS = (
    click.option(
        "--csv",
        "csv_path",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        help="A history in CSV: time_utc,source,value; - is standard input.",
    ),
    click.option("--git", metavar="URL|PATH", help="A repository: its tags, and a file in it."),
    click.option("--branch", metavar="NAME", help="The branch of that file; by default the one checked out."),
    click.option(
        "--file", "file", metavar="PATH", help="The metadata in that repository: latest-release.json."
    ),
    click.option("--path", metavar="JSONPATH", help="Where in that file the version is, like '$.tag'."),
    click.option("--pattern", metavar="REGEX", help="What the metadata's version looks like."),
    click.option(
        "--published",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A CSV whose release rows say when releases were really published.",
    ),
    click.option(
        "--database",
        metavar="[FILE]",
        is_flag=False,
        flag_value=_CONFIGURED,
        type=click.Path(path_type=Path, dir_okay=False),
        help="What a daemon recorded; without FILE in the database of the configuration.",
    ),
    click.option("--target", metavar="NAME", help="Which target of that database, where it has several."),
    click.option("--name", metavar="NAME", help="What the project is called in messages."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFlags:
    """What a command gets that has `@history_flags`."""

    csv_path: Path | None = None
    git: str | None = None
    branch: str | None = None
    file: str | None = None
    path: str | None = None
    pattern: str | None = None
    published: Path | None = None
    database: Path | None = None
    target: str | None = None
    name: str | None = None
    config_path: Path | None = None

    def history(self, until_at: datetime | None) -> History:
        """Return the history, up to this instant.

        Raises:
            ConfigError: the flags do not say which.
            ParseError: it cannot be read.
        """
        self._refuse_strangers()
        if self.database is not None:
            return _recorded(self._database(), self.target, until_at)
        from monitor.replay import csv_history, git_history, with_publications

        if self.csv_path is not None:
            history = csv_history(self.csv_path, name=self.name, pattern=self.pattern, until_at=until_at)
        else:
            history = git_history(self._place(), name=self.name, until_at=until_at, show=show_step)
            show_step("")
        return history if self.published is None else with_publications(history, self.published)

    def _database(self) -> Path:
        from monitor.cli.database import database_of

        given = None if self.database == Path(_CONFIGURED) else self.database
        return database_of(given, config_path(self.config_path))

    def _place(self) -> Place:
        from monitor.replay import Place

        if self.file is None:
            raise ConfigError(
                ("say which file of the repository is the metadata: --file latest-release.json",)
            )
        return Place(
            repository=self.git or "",
            file=self.file,
            branch=self.branch,
            path=self.path,
            pattern=self.pattern,
        )

    def _refuse_strangers(self) -> None:
        """Refuse flags that belong to another kind of history: they would do nothing."""
        given = [each for each in (self.csv_path, self.git, self.database) if each is not None]
        if len(given) != 1:
            raise ConfigError(("say which history: one of --csv FILE, --git URL and --database FILE",))
        of_git = {"--branch": self.branch, "--file": self.file, "--path": self.path}
        problems = []
        if self.git is None:
            problems += [f"{flag} is for --git" for flag, value in of_git.items() if value is not None]
        if self.database is None and self.target is not None:
            problems.append("--target is for --database")
        if self.database is not None:
            of_rows = {"--published": self.published, "--pattern": self.pattern, "--name": self.name}
            problems += [
                f"{flag} is for --csv and --git" for flag, value in of_rows.items() if value is not None
            ]
        if problems:
            raise ConfigError(tuple(problems))


def _recorded(database: Path, target: str | None, until_at: datetime | None) -> History:
    from monitor.replay import recorded_history, recording_of
    from monitor.store import Reader

    return recorded_history(recording_of(Reader(database), target), until_at)


def history_flags(function: Callable[..., R]) -> Callable[..., R]:
    """Add the flags; the command gets `flags: HistoryFlags`."""

    @functools.wraps(function)
    def gathered(*args: Any, **kwargs: Any) -> R:
        flags = HistoryFlags(**{each.name: kwargs.pop(each.name) for each in fields(HistoryFlags)})
        return function(*args, flags=flags, **kwargs)

    decorated: Callable[..., R] = config_option(gathered)
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated

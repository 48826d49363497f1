"""What a configuration is once it has been read: values, every one of them right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from monitor.model import Credential, Policy, Route, Target


class Wanted(StrEnum):
    """Whose secrets are fetched from where they are kept; what is not fetched is empty."""

    ALL = "all"
    SOURCES = "sources"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where a secret is kept: `by` is `credential`, `env` or `file`, `at` the name or path there."""

    by: str
    at: str

    def __str__(self) -> str:
        return f'{{ {self.by} = "{self.at}" }}'


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonConfig:
    """What concerns the process and no target.

    `listen` is `host:port`, empty where no page is served. `public` pages show no action, no configuration.
    `hosts` are names that the pages answer to besides those of `listen` and `public_url`, `trusted_proxies`
    addresses or networks whose forwarded headers are believed, `token` what a writing request must show,
    `hook_secret` what GitHub signs with and a release script shows (the token, where there is none).
    `jitter` is the part of an interval by which looks are spread, `deadline_for` bounds one look.
    More than `group_over` messages for one receiver become one; `give_up_after` ends the trying.
    """

    database: Path
    public_url: str | None = None
    heartbeat_url: str | None = field(default=None, repr=False)
    interval: timedelta = timedelta(minutes=5)
    jitter: float = 0.1
    deadline_for: timedelta = timedelta(seconds=30)
    keep_observations: timedelta = timedelta(days=90)
    group_over: int = 3
    give_up_after: timedelta = timedelta(days=7)
    listen: str = "127.0.0.1:8470"
    public: bool = False
    trusted_proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    hook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration.

    `receivers` are Apprise URLs by name and `secrets` all values that must not be seen, resolved as `Wanted`.
    `references` says where each secret is kept, by its path in the file (`receivers.ops.url`), `files` which
    file's content has taken the place of its path. `policy` is that of targets that say nothing else.
    `warnings` are sentences about what will surprise.
    """

    daemon: DaemonConfig
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    receivers: Mapping[str, str] = field(default_factory=dict, repr=False)
    routes: tuple[Route, ...] = ()
    policy: Policy = field(default_factory=Policy)
    targets: Mapping[str, Target] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    references: Mapping[str, Reference] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with a configuration and what will surprise; no `config` where something is wrong."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    config: Config | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What is said of a target on the command line; all of it is text, checked as if it stood in a file."""

    github: str | None = None
    git: str | None = None
    metadata: str | None = None
    path: str | None = None
    pattern: str | None = None
    tags: str | None = None
    scheme: str | None = None
    threshold: str | None = None
    name: str | None = None
    token_env: str | None = None

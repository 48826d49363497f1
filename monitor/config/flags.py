"""A configuration of one target from a few words, for `check` without a file and for `config init`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor.config.building import examined, ground_of
from monitor.config.policies import overridden
from monitor.config.showing import written_toml
from monitor.config.tables import table_of, validated
from monitor.config.values import Config, Flags, Wanted
from monitor.errors import ConfigError
from monitor.model import Policy

CREDENTIAL = "token"
_HEAD = """\
# What tagdrift watches and whom it tells. `tagdrift config check` says what is wrong with it,
# `tagdrift config show` all that it may say.
"""
_TAIL = """\
# Nobody is told yet. The URL is one that Apprise understands, and is kept elsewhere because it is a secret:
#
# [receivers.ops]
# url = { credential = "ops" }    # or { env = "NAME" }, or { file = "/PATH" }
"""
# What a file is called tells how it is read, unless a path says that it is JSON.
_BY_ENDING = {".json": "json", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}


def quick_config(flags: Flags, environ: Mapping[str, str]) -> Config:
    """Return a configuration that watches this one target and tells nobody.

    Raises:
        ConfigError: the flags do not make one; its sentences name flags or the keys that they stand for.
    """
    return _right(quick_tables(flags), environ, Wanted.ALL)


def policy_with(keys: Mapping[str, Any], before: Policy | None = None) -> Policy:
    """Return the policy with these keys, as a file has them, in place of what it said.

    Raises:
        ConfigError: something is wrong with them; all of it is said.
    """
    ground = ground_of(Path.cwd(), {}, Wanted.NONE)
    table = validated(table_of(Policy), keys, (), ground.problems)
    policy = before or Policy()
    changed = policy if table is None else overridden(policy, table, (), ground)
    ground.problems.raise_if_any()
    return changed


def drafted(flags: Flags) -> str:
    """Return the file that says what the flags say, with what is left to do as comments.

    Raises:
        ConfigError: the flags do not make a configuration.
    """
    document = quick_tables(flags)
    _right(document, {}, Wanted.NONE)
    return f"{_HEAD}\n{written_toml(document)}\n{_TAIL}"


def quick_tables(flags: Flags) -> dict[str, Any]:
    """Return the tables of a file that says what the flags say.

    Raises:
        ConfigError: they do not name two sides.
    """
    if (flags.github is None) == (flags.git is None):
        raise ConfigError(("say where the releases are: either --github OWNER/NAME or --git URL",))
    if flags.metadata is None:
        raise ConfigError(("say where the metadata is: --metadata URL",))
    if flags.token_env and flags.github is None:
        raise ConfigError(("--token-env is for --github; a git URL is asked without a login",))
    target = {
        "metadata": _metadata(flags.metadata, flags),
        "releases": _releases(flags),
        **_given(tags=flags.tags, scheme=flags.scheme, threshold=flags.threshold),
    }
    credentials = {"credentials": {CREDENTIAL: {"env": flags.token_env}}} if flags.token_env else {}
    return {**credentials, "targets": {flags.name or _name(flags): target}}


def _right(document: Mapping[str, Any], environ: Mapping[str, str], wanted: Wanted) -> Config:
    config, problems = examined(document, ground_of(Path.cwd(), environ, wanted))
    problems.raise_if_any()
    return config


def _metadata(url: str, flags: Flags) -> dict[str, str]:
    try:
        path = urlsplit(url).path.lower()
    except ValueError:
        path = ""
    kind = next((kind for ending, kind in _BY_ENDING.items() if path.endswith(ending)), None)
    kind = kind or ("json" if flags.path else "text")
    return {"kind": kind, "url": url, **_given(path=flags.path, pattern=flags.pattern)}


def _releases(flags: Flags) -> dict[str, str]:
    if flags.github is not None:
        token = CREDENTIAL if flags.token_env else None
        return {"kind": "github", "repo": flags.github, **_given(token=token)}
    return {"kind": "git", "url": str(flags.git)}


def _given(**values: str | None) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _name(flags: Flags) -> str:
    last = (flags.github or flags.git or "").rstrip("/").rpartition("/")[2].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).lstrip("._-")[:100] or "target"

"""From tables to values, section by section, going on past every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.config.daemon import read_daemon
from monitor.config.ground import Ground, named_tables, names_in
from monitor.config.policies import read_policy
from monitor.config.problems import Problems
from monitor.config.reading import read_tables
from monitor.config.receivers import read_receivers
from monitor.config.routes import read_routes
from monitor.config.secrets import Secrets
from monitor.config.surprises import warn
from monitor.config.targets import Surroundings, read_targets
from monitor.config.values import Config, Wanted
from monitor.model import Credential

SECTIONS = ("daemon", "credentials", "receivers", "routes", "policy", "targets")


def load_file(path: Path, environ: Mapping[str, str], wanted: Wanted) -> Config:
    """Return the configuration of this file.

    Raises:
        ConfigError: something is wrong with it; all of it is said.
    """
    config, problems = examined(read_tables(path), ground_of(path.absolute().parent, environ, wanted))
    problems.raise_if_any()
    return config


def ground_of(
    folder: Path, environ: Mapping[str, str], wanted: Wanted, *, beyond_reach: bool = False
) -> Ground:
    """Return what sections are read with, nothing having been found yet."""
    problems = Problems()
    secrets = Secrets(
        problems=problems, environ=environ, folder=folder, wanted=wanted, beyond_reach=beyond_reach
    )
    return Ground(folder=folder, problems=problems, secrets=secrets)


def examined(document: Mapping[str, Any], ground: Ground) -> tuple[Config, Problems]:
    """Return what the tables say, which is to be used only where no problem was found."""
    for key in document.keys() - set(SECTIONS):
        ground.problems.unknown_key((key,), SECTIONS)
    daemon = read_daemon(document.get("daemon", {}), ground.secrets.environ, ground)
    credentials = _credentials(document, ground)
    receivers = read_receivers(document, ground)
    routes = read_routes(document.get("routes", []), names_in(document, "receivers"), ground)
    policy = read_policy(document.get("policy", {}), ground)
    around = Surroundings(
        daemon=daemon, policy=policy, credentials=frozenset(names_in(document, "credentials"))
    )
    config = Config(
        daemon=daemon,
        credentials=credentials,
        receivers=receivers,
        routes=routes,
        policy=policy,
        targets=read_targets(document, around, ground),
        references=ground.secrets.references,
        files=ground.files,
    )
    if not ground.problems.found:
        warn(config, ground)
    values = tuple(dict.fromkeys(ground.secrets.values))
    return replace(config, warnings=tuple(ground.problems.warnings), secrets=values), ground.problems


def _credentials(document: Mapping[str, Any], ground: Ground) -> dict[str, Credential]:
    credentials = {}
    for name, value in named_tables(document, "credentials", ground.problems):
        place = ("credentials", name)
        reference = ground.secrets.reference(value, place)
        if reference is not None:
            secret = ground.secrets.fetch(reference, place, is_for_sources=True)
            credentials[name] = Credential(name=name, value=secret)
    return credentials

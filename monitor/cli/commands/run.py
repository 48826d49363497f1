"""`tagdrift run`: the daemon."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import config_option, examples

LEVELS = ("debug", "info", "warning", "error")


@click.command(epilog=examples("tagdrift run", "tagdrift run --once --config ./config.toml"))
@config_option
@click.option("--once", is_flag=True, help="One round: look at everything, tell what is due, and leave.")
@click.option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="info",
    show_default=True,
    help="The least that is logged.",
)
def command(config_path: Path, *, once: bool, log_level: str) -> None:
    """Watch every target of the configuration until stopped.

    SIGHUP takes up a changed configuration (see `tagdrift reload --wait`), SIGTERM ends the run.
    """
    import asyncio
    import logging
    import os

    from monitor import config, logs
    from monitor.config.apart import load_apart
    from monitor.service import Daemon, run_once
    from monitor.systemd import Systemd

    secrets = logs.Secrets()
    logs.setup(getattr(logging, log_level.upper()), secrets, os.environ)

    def load() -> config.Config:
        loaded = load_apart(config_path, os.environ)
        secrets.add(loaded.secrets)
        return loaded

    first = load()
    asyncio.run(run_once(first) if once else Daemon(first, load, Systemd(os.environ)).run())

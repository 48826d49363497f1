"""`tagdrift reload`: take up a changed configuration."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import click

from monitor.cli.database import database_option, running_database
from monitor.cli.failures import Failed
from monitor.cli.options import Format, config_option, examples, format_option

LOOK_EVERY = 0.1


@click.command(epilog=examples("tagdrift reload --wait", "systemctl reload tagdrift"))
@click.option("--wait/--no-wait", default=True, show_default=True, help="Until it is in force, or refused.")
@click.option("--timeout", type=float, default=60.0, show_default=True, help="How many seconds to wait.")
@database_option
@config_option
@format_option
def command(config_path: Path, database: Path | None, *, wait: bool, timeout: float, form: Format) -> None:
    """Make the running daemon read its configuration again.

    Status 0 says that it is in force, 1 that it is not: the sentence says why, and the old one goes on.
    """
    from monitor.cli.output import show_done
    from monitor.store import Reader

    path = running_database(database, config_path)
    reader = Reader(path)
    loads = reader.config_loads()
    before = loads[-1].id if loads else 0
    os.kill(_pid_of(path), signal.SIGHUP)
    if not wait:
        return
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        noted = reader.config_loads(before)
        if noted:
            if noted[-1].policy is None:
                raise Failed(noted[-1].sentence)
            show_done(form, {"is_in_force": True, "sentence": noted[-1].sentence}, noted[-1].sentence)
            return
        time.sleep(LOOK_EVERY)
    raise Failed(f"the daemon has not answered within {timeout:g} s")


def _pid_of(path: Path) -> int:
    from monitor.store.lock import holder

    pid = holder(path)
    if pid is None:
        raise Failed(f"no daemon is running on {path}; `tagdrift run` starts one")
    return pid

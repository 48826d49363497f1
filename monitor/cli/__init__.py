"""The door for people: one file a command in `commands/`, found by its name and imported only when named.

How a command ends: 0 done; 1 it failed, and said why in a sentence; 2 wrong usage (click's own status) or a
configuration that cannot be used, for either is mended by whoever typed it, and `check` needs 1 and 3 for
what it found; 130 interrupted; 141 the reader of the output went away. A command that says something else by
its status calls `ctx.exit(status)`.
"""

from __future__ import annotations

import click

from monitor import __version__
from monitor.cli.group import Commands
from monitor.cli.options import examples, shared_config_option

__all__ = ["main", "tagdrift"]


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "tagdrift demo",
        "tagdrift check --github astral-sh/python-build-standalone --metadata https://… --path '$.tag'",
        "tagdrift --config ./config.toml run",
    ),
)
@shared_config_option
@click.version_option(__version__, prog_name="tagdrift", message="%(prog)s %(version)s")
def tagdrift() -> None:
    """Notice when a project's "latest release" metadata falls behind its real releases, and tell somebody."""


def main() -> None:
    """Run the command line and leave with its status."""
    tagdrift.main(prog_name="tagdrift")

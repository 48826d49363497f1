"""How commands are found, and how one ends that could not do its work."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from keyword import iskeyword
from typing import Any

import click

from monitor.cli import commands
from monitor.cli.failures import Failed, sentence_of, status_of
from monitor.cli.listing import Listing
from monitor.errors import TagdriftError

INTERRUPTED = 130
NOBODY_READS = 141


class Commands(Listing):
    """The commands are the files of `commands/`: `unack.py` is `unack`, `two_words.py` is `two-words`.

    `import_.py` is `import`, which Python keeps for itself.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Return the names without importing anything."""
        names = (module.name for module in pkgutil.iter_modules(commands.__path__))
        return sorted(_command_of(name) for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one file that is named."""
        if cmd_name not in self.list_commands(ctx):
            return None
        file = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name.replace("-", "_")
        module = importlib.import_module(f"{commands.__name__}.{file}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours is one sentence on standard error and never a traceback."""
        try:
            return _flushed(super().invoke, ctx)
        except TagdriftError as error:
            raise Failed(sentence_of(error), status=status_of(error)) from error
        except BrokenPipeError:
            _stop_writing()
            ctx.exit(NOBODY_READS)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def _command_of(file: str) -> str:
    return file.removesuffix("_").replace("_", "-")


def _flushed(invoke: Any, ctx: click.Context) -> Any:
    try:
        return invoke(ctx)
    finally:
        # Here rather than while Python goes down, where a reader that has gone would be a traceback.
        sys.stdout.flush()


def _stop_writing() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

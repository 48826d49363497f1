"""`tagdrift completion`: the script that lets a shell complete commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from monitor.cli.options import examples

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        "tagdrift completion bash > /etc/bash_completion.d/tagdrift",
        'tagdrift completion zsh > "${fpath[1]}/_tagdrift"',
        "tagdrift completion fish > ~/.config/fish/completions/tagdrift.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    The script asks tagdrift itself while you type, so it stays right after an upgrade.
    """
    root = ctx.find_root().command
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 click has all three
    click.echo(kind(root, {}, "tagdrift", "_TAGDRIFT_COMPLETE").source())

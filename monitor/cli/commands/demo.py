"""`tagdrift demo`: the founding incident in a few seconds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from monitor.cli.options import examples

QUERIES = (
    "SELECT target, state, named, newest, missing FROM current",
    'SELECT "check", since, fired_at, resolved_at, named, newest FROM alert_history',
    "SELECT at, receiver, reason, state, attempts FROM delivery_log",
)


@click.command(epilog=examples("tagdrift demo", "tagdrift demo --serve", "tagdrift demo --directory ./demo"))
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the history is left; by default a new directory.",
)
@click.option("--serve", is_flag=True, help="Show it on a page while it plays, until interrupted.")
@click.option(
    "--listen", default="127.0.0.1:8470", show_default=True, help="Where the page is; port 0 is any free one."
)
def command(directory: Path | None, *, serve: bool, listen: str) -> None:
    """Play the incident this program was built after: no network, no configuration, a few seconds.

    On 2024-10-16 python-build-standalone published 20241016, and its latest-release.json went on naming
    20241008. Everything here is the real program but the clock, which is moved by hand, and the servers,
    which are on this machine.
    """
    import asyncio
    import tempfile

    from monitor.demo import Story

    place = directory or Path(tempfile.mkdtemp(prefix="tagdrift-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    click.echo(
        "python-build-standalone, 2024-10-16, all times UTC. Looks every 5 minutes, threshold 2 hours."
    )
    click.echo(
        "The minute of the publication is not known: a report six hours later tells; here it is 15:40.\n"
    )
    if serve:
        _serve(place, listen)
        return
    story = Story(directory=place, say=_say)
    asyncio.run(story.play())
    click.echo(f"\nThe history stands in {story.database}. Try:\n")
    for query in QUERIES:
        click.echo(f"  tagdrift sql --database {story.database} '{query}'")
    click.echo("\nWhat other thresholds would have told of it:\n")
    click.echo(f"  tagdrift backtest --database {story.database} --threshold 30m,2h,6h")


def _serve(place: Path, listen: str) -> None:
    import asyncio
    from contextlib import suppress

    from monitor.cli.failures import Failed
    from monitor.config.loopback import is_loopback
    from monitor.demo.serving import Stage

    host, _, port = listen.rpartition(":")
    if not is_loopback(host) or not port.isascii() or not port.isdigit():
        raise click.UsageError("--listen takes an address of this machine, like 127.0.0.1:8470")
    stage = Stage(directory=place, listen=listen, say=_say, announce=_announce)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(stage.run())
    except OSError as error:
        raise Failed(str(error)) from error


def _announce(address: str, token: str) -> None:
    click.echo(f"Open {address}/ (to ack or silence, log in with {token}). Ctrl-C ends it.\n")


def _say(at: datetime | None, line: str) -> None:
    click.echo(f"{at:%H:%M:%S}  {line}" if at is not None else f"          {line}")

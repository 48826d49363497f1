"""`tagdrift notify`: the receivers, tried out."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from monitor.cli.completing import complete_receivers
from monitor.cli.database import write
from monitor.cli.failures import Failed
from monitor.cli.listing import Listing
from monitor.cli.options import Format, config_option, examples, format_option
from monitor.cli.output import show_json, show_line, show_note

DEADLINE = timedelta(seconds=30)
TITLE = "[tagdrift] a test"


@click.group(cls=Listing, epilog=examples("tagdrift notify test ops"))
def command() -> None:
    """Try out the receivers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of the message to one receiver; `sentence` is None where it was taken."""

    receiver: str
    delivered: bool
    sentence: str | None = None
    looks_final: bool = False
    retry_after_for: timedelta | None = None


@command.command(epilog=examples("tagdrift notify test", "tagdrift notify test ops --format json"))
@click.argument("name", metavar="[RECEIVER]", required=False, shell_complete=complete_receivers)
@config_option
@format_option
@click.pass_context
def test(ctx: click.Context, config_path: Path, *, name: str | None, form: Format) -> None:
    """Send a real message to one receiver, or to each, and say what came of it.

    What waits for a receiver that takes it is sent at once, if a daemon is running. Status 1 says that a
    receiver did not take it.
    """
    import asyncio

    from monitor import config

    loaded = config.load(config_path, os.environ)
    tried = asyncio.run(_try_all(_chosen(loaded.receivers, name)))
    _hurry(loaded.daemon.database, {one.receiver for one in tried if one.delivered})
    if form is Format.JSON:
        show_json({"receivers": tried})
    else:
        for one in tried:
            show_line(_line(one))
    ctx.exit(0 if all(one.delivered for one in tried) else 1)


def _chosen(receivers: Mapping[str, str], name: str | None) -> Mapping[str, str]:
    if not receivers:
        raise Failed("no receivers are configured: nobody will be told")
    if name is None:
        return receivers
    if name not in receivers:
        raise click.UsageError(f"There is no receiver {name!r}; there is {', '.join(receivers)}.")
    return {name: receivers[name]}


async def _try_all(receivers: Mapping[str, str]) -> list[Tried]:
    import asyncio

    return list(await asyncio.gather(*(_try(name, url) for name, url in receivers.items())))


async def _try(name: str, url: str) -> Tried:
    import socket

    from monitor.receivers import Refused, deliver

    body = f"sent by `tagdrift notify test` on {socket.gethostname()}; {name} is told when something drifts"
    outcome = await deliver(url, TITLE, body, deadline_for=DEADLINE)
    if not isinstance(outcome, Refused):
        return Tried(receiver=name, delivered=True)
    return Tried(
        receiver=name,
        delivered=False,
        sentence=outcome.sentence,
        looks_final=outcome.looks_final,
        retry_after_for=outcome.retry_after_for,
    )


def _hurry(database: Path, names: Collection[str]) -> None:
    """Make due what waits for those that are well; without a database nothing waits."""
    from monitor.clock import SystemClock
    from monitor.errors import StoreError

    if not names or not database.exists():
        return
    now = SystemClock().now()
    try:
        write(database, lambda ledger: ledger.hurry(names, now))
    except StoreError as error:
        show_note(f"what waits for them is not sent any sooner: {error}")


def _line(one: Tried) -> str:
    if one.delivered:
        return f"{one.receiver}: delivered"
    advice = "; it is not likely to mend by itself" if one.looks_final else ""
    return f"{one.receiver}: not delivered: {one.sentence}{advice}"

"""`tagdrift backtest`: what would have been told, over years of real history."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import examples
from monitor.cli.policy_flags import PolicyFlags, policy_flags


@click.command(
    epilog=examples(
        "tagdrift backtest --csv history.csv --scheme calver --threshold 24h",
        "tagdrift backtest --csv history.csv --threshold 1h,6h,24h,3d --format json",
    )
)
@click.option(
    "--csv",
    "csv_path",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="A history: time_utc,source,value, where source is release, withdrawn or metadata.",
)
@policy_flags
@click.option("--pattern", metavar="REGEX", help="What the metadata's version looks like.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", expose_value=False)
def command(csv_path: Path, *, policy: PolicyFlags, pattern: str | None) -> None:
    """Play a history through the detector that `run` uses, and say what it would have told.

    Exit status 0 whether or not there are alerts.
    """
    import json
    from dataclasses import replace

    from monitor.errors import ParseError
    from monitor.replay import moments_of, play, read_csv, watched
    from monitor.replay.documents import document_of

    try:
        content = csv_path.read_bytes()
    except OSError as error:
        raise ParseError(f"{csv_path} cannot be read: {error.strerror}") from error
    rows = read_csv(content, csv_path.name).rows
    name = csv_path.stem
    replays = [
        play(
            moments_of(rows, target=name, tags=each.tags, pattern=pattern),
            replace(watched(name), policy=each),
            until_at=rows[-1].at,
        )
        for each in policy.policies()
    ]
    click.echo(json.dumps(document_of(replays), indent=2))

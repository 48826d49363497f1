"""`tagdrift backtest`: what would have been told, over years of real history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.history_flags import HistoryFlags, history_flags, since_option, until_option
from monitor.cli.options import examples
from monitor.cli.output import show_json
from monitor.cli.policy_flags import PolicyFlags, policy_flags
from monitor.cli.progress import progress
from monitor.cli.reporting import report_format_option, show_report

if TYPE_CHECKING:
    from monitor.replay import History, Replay


@click.command(
    epilog=examples(
        "tagdrift backtest --csv history.csv --scheme calver --threshold 24h",
        "tagdrift backtest --csv history.csv --threshold 1h,6h,24h,3d",
        "tagdrift backtest --git https://… --branch latest-release --file latest-release.json --path '$.tag'",
        "tagdrift backtest --database --target my-target --threshold 6h",
    )
)
@history_flags
@policy_flags
@since_option
@until_option
@click.option("-v", "--verbose", is_flag=True, help="Show messages whole.")
@report_format_option
def command(
    *,
    flags: HistoryFlags,
    policy: PolicyFlags,
    since: datetime | None,
    until: datetime | None,
    verbose: bool,
    form: str,
) -> None:
    """Play a history through the detector that `run` uses, and say what it would have told.

    A history is a CSV file (time_utc,source,value, where source is release, withdrawn or metadata, and an
    empty value is a look that failed), a file in a git repository with the repository's tags, or what a
    daemon recorded. It ends at its last row. Exit status 0 whether or not there are alerts.
    """
    history = flags.history(until)
    changes = policy.changes()
    with progress("replaying", history.steps * len(changes)) as step:
        replays = [history.play(each, step) for each in changes]
    _show(history, replays, since, form=form, is_verbose=verbose)


def _show(
    history: History, replays: Sequence[Replay], since: datetime | None, *, form: str, is_verbose: bool
) -> None:
    from monitor.replay import document_of, report_of, with_messages

    if form == "json":
        show_json(document_of(replays, notes=history.notes, from_at=since))
        return
    report = report_of(history.name, replays, notes=history.notes, from_at=since)
    show_report(with_messages(report, replays[0], since) if is_verbose else report, form)

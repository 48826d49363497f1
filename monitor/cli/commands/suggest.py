"""`tagdrift suggest`: which threshold a project's own history speaks for."""

from __future__ import annotations

from datetime import datetime

import click

from monitor.cli.history_flags import HistoryFlags, history_flags, since_option, until_option
from monitor.cli.options import Format, examples, format_option
from monitor.cli.output import show_json, show_line, show_note
from monitor.cli.policy_flags import PolicyFlags, policy_flags
from monitor.cli.progress import progress


@click.command(
    epilog=examples(
        "tagdrift suggest --csv history.csv --scheme calver",
        "tagdrift suggest --database --since 2026-01-01",
    )
)
@history_flags
@policy_flags
@since_option
@until_option
@format_option
def command(
    *, flags: HistoryFlags, policy: PolicyFlags, since: datetime | None, until: datetime | None, form: Format
) -> None:
    """Propose a threshold for a project by its history, and say why.

    The least threshold within which 95 % of its releases are announced, and at which a drift would have been
    told at most six times a year.
    """
    from monitor import replay

    history = flags.history(until)
    first = policy.changes()[0]
    with progress("replaying", history.steps * 2) as step:
        suggestion = replay.suggest(history, first, step, since)
    if form is Format.JSON:
        show_json(replay.suggestion_document(suggestion))
        return
    show_line(replay.suggested(suggestion))
    show_line(replay.reason_of(suggestion))
    for note in (*history.notes, *suggestion.notes):
        show_note(note)

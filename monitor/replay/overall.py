"""The figures of several targets, side by side and together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from monitor.messages.spans import span
from monitor.model import CheckName
from monitor.replay.documents import instant, summary_as_json
from monitor.replay.player import Replay
from monitor.replay.reports import Report, Section
from monitor.replay.summary import ZERO, Summary, lags_of, summary_of, waits_of
from monitor.replay.tables import Table, day_and_time, summary_lines


def overall(replays: Mapping[str, Replay], from_at: datetime | None = None) -> Summary:
    """Return the figures of all of them together; there is one at least. `in_step` weighs by time."""
    each = {name: summary_of(replay, from_at) for name, replay in replays.items()}
    summaries = list(each.values())
    drift_for = sum((one.drift_for for one in summaries), ZERO)
    whole_for = sum((one.until_at - one.from_at for one in summaries), ZERO)
    alerts: Counter[CheckName] = Counter()
    for one in summaries:
        alerts.update(one.alerts)
    spans = [one.longest for one in summaries if one.longest is not None]
    until_at = max(one.until_at for one in summaries)
    waits = [wait for replay in replays.values() for wait in waits_of(replay, from_at)]
    return Summary(
        from_at=min(one.from_at for one in summaries),
        until_at=until_at,
        alerts=alerts,
        messages=sum(one.messages for one in summaries),
        drifts=sum(one.drifts for one in summaries),
        drift_for=drift_for,
        longest=max(spans, key=lambda each: (each.until_at or until_at) - each.from_at, default=None),
        in_step=1 - drift_for / whole_for if whole_for > ZERO else None,
        lags=lags_of(waits),
        superseded=tuple(f"{name} {version}" for name, one in each.items() for version in one.superseded),
        waiting=tuple(f"{name} {version}" for name, one in each.items() for version in one.waiting),
    )


def targets_report(replays: Mapping[str, Replay], from_at: datetime | None = None) -> Report:
    """Return the report of all these targets."""
    together = overall(replays, from_at)
    title = (
        f"{_counted(len(replays))}, {day_and_time(together.from_at)} to {day_and_time(together.until_at)} UTC"
    )
    rows = [_row(name, summary_of(replay, from_at)) for name, replay in replays.items()]
    table = Table(columns=_COLUMNS, rows=tuple(rows), empty="No targets.")
    return Report(
        title=title,
        sections=(
            Section(heading="Targets", table=table),
            Section(heading="Overall", lines=tuple(summary_lines(together))),
        ),
    )


def targets_document(replays: Mapping[str, Replay], from_at: datetime | None = None) -> dict[str, Any]:
    """Return the figures of each target and of all, as JSON."""
    together = overall(replays, from_at)
    return {
        "from": instant(together.from_at),
        "until": instant(together.until_at),
        "targets": {name: summary_as_json(summary_of(replay, from_at)) for name, replay in replays.items()},
        "overall": summary_as_json(together),
    }


_COLUMNS = (
    "target",
    "alerts",
    "messages",
    "drifts",
    "in drift",
    "longest",
    "in step",
    "announced",
    "median lag",
    "p95",
    "max",
    "waiting",
)


def _row(name: str, summary: Summary) -> tuple[str, ...]:
    longest, lags = summary.longest, summary.lags
    return (
        name,
        str(sum(summary.alerts.values())),
        str(summary.messages),
        str(summary.drifts),
        span(summary.drift_for),
        "" if longest is None else span((longest.until_at or summary.until_at) - longest.from_at),
        "" if summary.in_step is None else f"{100 * summary.in_step:.1f} %",
        str(lags.announced),
        _span(lags.median_for),
        _span(lags.p95_for),
        _span(lags.most_for),
        str(len(summary.waiting)),
    )


def _span(length: timedelta | None) -> str:
    return "" if length is None else span(length)


def _counted(targets: int) -> str:
    return f"{targets} target" + ("" if targets == 1 else "s")

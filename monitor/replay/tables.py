"""What came of a history as people read it: columns and rows of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.config.durations import written
from monitor.messages.spans import span
from monitor.model import Alert, CheckName, Notification
from monitor.replay.comparing import Incident, TradeOff
from monitor.replay.suggesting import IN_TIME_PERCENT, MOST_A_YEAR, Suggestion, key_of
from monitor.replay.summary import Lags, Summary

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under columns; `empty` is what is said where there are none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str


def day_and_time(at: datetime | None) -> str:
    """Return `2024-02-25 03:18`; the heading of a column says that it is UTC."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def short(length: timedelta) -> str:
    """Return a span as a threshold is written where it is one to the minute, else its two largest units."""
    return written(length) if length and length.total_seconds() % 60 == 0 else span(length)


def alerts_table(alerts: Sequence[Alert], until_at: datetime) -> Table:
    """Return one row an alert, in the order of firing."""
    return Table(
        columns=(
            "check",
            "since (UTC)",
            "known by",
            "fired",
            "resolved",
            "lasted",
            "named",
            "newest",
            "missing",
            "reason",
        ),
        rows=tuple(_alert(alert, until_at) for alert in alerts),
        empty="No alerts.",
    )


def _alert(alert: Alert, until_at: datetime) -> tuple[str, ...]:
    return (
        alert.check.value,
        day_and_time(alert.since),
        alert.since_is.value.replace("_", " "),
        day_and_time(alert.fired_at),
        day_and_time(alert.resolved_at) or "goes on",
        span((alert.resolved_at or until_at) - alert.since),
        alert.named or "",
        alert.newest or "",
        str(len(alert.missing)) if alert.check is CheckName.BEHIND else "",
        alert.reason or alert.sentence,
    )


def messages_table(messages: Sequence[Notification]) -> Table:
    """Return one row a message."""
    return Table(
        columns=("sent (UTC)", "why", "message"),
        rows=tuple((day_and_time(each.at), each.reason.value, each.title) for each in messages),
        empty="No messages.",
    )


def summary_lines(summary: Summary) -> Iterator[str]:
    """Yield the figures as sentences."""
    yield f"{_counted(summary)} in {span(summary.until_at - summary.from_at)}, {_from_to(summary)}"
    yield f"messages: {summary.messages}"
    yield _drifts(summary)
    if summary.in_step is not None:
        yield f"in step: {100 * summary.in_step:.1f} % of the time"
    yield from _lags(summary.lags)
    if summary.superseded:
        yield f"superseded before they were announced: {_some(summary.superseded)}"
    if summary.waiting:
        yield f"not announced yet: {_some(summary.waiting)}"


def _counted(summary: Summary) -> str:
    total = sum(summary.alerts.values())
    each = ", ".join(f"{count} {check.value}" for check, count in summary.alerts.items())
    return f"alerts: {total}" + (f" ({each})" if total else "")


def _from_to(summary: Summary) -> str:
    return f"from {day_and_time(summary.from_at)} to {day_and_time(summary.until_at)} UTC"


def _drifts(summary: Summary) -> str:
    if summary.longest is None:
        return "in drift: never"
    longest = summary.longest
    lasted = span((longest.until_at or summary.until_at) - longest.from_at)
    total = f"{summary.drift_for.total_seconds() / 3600:,.1f} h"
    since = day_and_time(longest.from_at)
    drifts = "1 drift" if summary.drifts == 1 else f"{summary.drifts} drifts"
    return f"in drift: {total} in {drifts}, the longest {lasted} since {since}"


def _lags(lags: Lags) -> Iterator[str]:
    if lags.most_for is None:
        yield "releases announced: none"
        return
    figures = {
        "min": lags.least_for,
        "median": lags.median_for,
        "p90": lags.p90_for,
        "p95": lags.p95_for,
        "max": lags.most_for,
    }
    shown = ", ".join(f"{name} {span(figure)}" for name, figure in figures.items() if figure is not None)
    yield f"releases announced: {lags.announced}; their lag: {shown}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def trades_table(trade: TradeOff) -> Table:
    """Return one row a threshold."""
    total = len(trade.incidents)
    return Table(
        columns=("threshold", "behind", "other alerts", "messages", "over within 1 h", "incidents told"),
        rows=tuple(
            (
                short(each.threshold),
                str(each.behind),
                str(each.others),
                str(each.messages),
                str(each.soon_over),
                f"{sum(after is not None for after in each.told_after)} of {total}"
                if total
                else "none to tell",
            )
            for each in trade.trades
        ),
        empty="No thresholds.",
    )


def incidents_table(trade: TradeOff) -> Table:
    """Return one row a drift of a day or more: when each threshold would have told of it."""
    return Table(
        columns=(
            "incident since (UTC)",
            "newest",
            "lasted",
            *(f"told at {short(each.threshold)}" for each in trade.trades),
        ),
        rows=tuple(_incident(trade, place, each) for place, each in enumerate(trade.incidents)),
        empty="No drift lasted for a day.",
    )


def _incident(trade: TradeOff, place: int, incident: Incident) -> tuple[str, ...]:
    told = (each.told_after[place] for each in trade.trades)
    return (
        day_and_time(incident.since),
        incident.newest or "",
        span(incident.lasted_for) + ("" if incident.until_at else ", goes on"),
        *("never" if after is None else f"after {span(after)}" for after in told),
    )


def reason_of(suggestion: Suggestion) -> str:
    """Return why this threshold is proposed, as a sentence."""
    if not suggestion.is_founded:
        return (
            f"{suggestion.announced} releases were announced in this history, too few to go by;"
            f" {short(suggestion.threshold)} is what the policy says"
        )
    p99 = "" if suggestion.p99_for is None else span(suggestion.p99_for)
    share = 100 * suggestion.in_time // suggestion.announced
    years = suggestion.watched_for / timedelta(days=365.25)
    watched = f"{years:.1f} years" if years >= 2 else f"{suggestion.watched_for.days} days"
    told = {0: "not have been told", 1: "have been told once"}
    times = told.get(suggestion.told, f"have been told {suggestion.told} times")
    quiet = "" if suggestion.is_quiet else f"; that is more than {MOST_A_YEAR} times a year"
    threshold = short(suggestion.threshold)
    return (
        f"99 % of releases are announced within {p99}, {share} % within {threshold} (wanted:"
        f" {IN_TIME_PERCENT} %); at {threshold} you would {times} in {watched}{quiet}"
    )


def suggested(suggestion: Suggestion) -> str:
    """Return the line for the configuration."""
    return key_of(suggestion)

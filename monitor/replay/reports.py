"""What came of a history, put together for people: sections of tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.messages.cleaning import clean
from monitor.model import Notification
from monitor.replay.basis import basis
from monitor.replay.comparing import trade_off
from monitor.replay.player import Replay
from monitor.replay.summary import fired_from, sent_from, summary_of
from monitor.replay.tables import (
    Table,
    alerts_table,
    incidents_table,
    messages_table,
    short,
    summary_lines,
    trades_table,
)

_MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, and under it a table, sentences, or both."""

    heading: str
    table: Table | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a reader gets: a title, sections, and what the figures rest on."""

    title: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()


def report_of(
    name: str, replays: Sequence[Replay], *, notes: Sequence[str] = (), from_at: datetime | None = None
) -> Report:
    """Return the report of one replay, or the trade-off of several that differ in their threshold."""
    policy = replays[0].rules.policy
    scheme = replays[0].state.scheme or policy.scheme
    if len(replays) == 1:
        title = f"{name}: scheme {scheme}, threshold {short(policy.threshold)}"
        sections = tuple(_single(replays[0], from_at))
    else:
        title = f"{name}: scheme {scheme}, {len(replays)} thresholds"
        sections = tuple(_several(replays, from_at))
    return Report(title=title, sections=sections, notes=(*notes, *basis(replays[0])))


def _single(replay: Replay, from_at: datetime | None) -> Iterator[Section]:
    alerts = fired_from(replay.alerts, from_at)
    yield Section(heading="Alerts", table=alerts_table(alerts, replay.until_at))
    messages = sent_from(replay.messages, from_at)
    if messages:
        more = len(messages) - _MOST_MESSAGES
        lines = (f"and {more} more",) if more > 0 else ()
        yield Section(heading="Messages", table=messages_table(messages[:_MOST_MESSAGES]), lines=lines)
    yield Section(heading="Summary", lines=tuple(summary_lines(summary_of(replay, from_at))))


def _several(replays: Sequence[Replay], from_at: datetime | None) -> Iterator[Section]:
    trade = trade_off(replays, from_at)
    yield Section(heading="Thresholds", table=trades_table(trade))
    yield Section(heading="Incidents: drifts of a day or more", table=incidents_table(trade))
    lines = tuple(summary_lines(summary_of(replays[0], from_at)))
    yield Section(heading=f"Summary at {short(replays[0].rules.policy.threshold)}", lines=lines)


def with_messages(report: Report, replay: Replay, from_at: datetime | None = None) -> Report:
    """Return the report with every message of this replay as it would have arrived."""
    lines = [line for each in sent_from(replay.messages, from_at) for line in _letter(each)]
    whole = Section(heading="Messages, whole", lines=tuple(lines))
    return replace(report, sections=(*report.sections, whole))


def _letter(message: Notification) -> Iterator[str]:
    yield ""
    yield f"{message.at:%Y-%m-%d %H:%M:%S} UTC  {message.title}"
    yield from (f"  {line}" for line in message.body.splitlines())


def as_markdown(report: Report) -> Iterator[str]:
    """Yield the lines of the report as Markdown; what strangers wrote is made harmless in it."""
    yield f"### {clean(report.title, 200)}"
    for section in report.sections:
        yield from ("", f"#### {section.heading}", "")
        if section.table is not None:
            yield from _markdown_table(section.table)
        yield from (f"- {clean(line, 400)}" for line in section.lines)
    if report.notes:
        yield from ("", "#### Notes", "")
        yield from (f"- {clean(note, 400)}" for note in report.notes)


def _markdown_table(shown: Table) -> Iterator[str]:
    if not shown.rows:
        yield shown.empty
        return
    yield _markdown_row(shown.columns)
    yield _markdown_row(("---",) * len(shown.columns))
    for row in shown.rows:
        yield _markdown_row(tuple(clean(cell, 200) for cell in row))


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

"""Reports on a screen, or as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import show_line, show_note, show_table

if TYPE_CHECKING:
    from monitor.replay import Report

FORMATS = ("text", "json", "md")
report_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS, case_sensitive=False),
    default="text",
    show_default=True,
    help="Tables for people, JSON for machines, Markdown for an issue.",
)
"""Adds `--format text|json|md`; the command gets `form: str`."""


def show_report(report: Report, form: str) -> None:
    """Print the report; on a screen, what the figures rest on goes to standard error."""
    if form == "md":
        from monitor.replay import as_markdown

        show_line("\n".join(as_markdown(report)))
        return
    show_line(report.title)
    for section in report.sections:
        show_line(f"\n{section.heading}")
        if section.table is not None:
            show_table(section.table.columns, section.table.rows, empty=section.table.empty)
        for line in section.lines:
            show_line(f"  {line}" if line else "")
    for note in report.notes:
        show_note(note)

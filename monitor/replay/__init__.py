"""Replay: a history through the very heart that `run` uses, and what tagdrift would have told of it."""

from monitor.replay.documents import alert_of, document_of
from monitor.replay.files import csv_history, history_of, read_rows, with_publications
from monitor.replay.histories import History, RowHistory
from monitor.replay.moments import Moment, moments_of
from monitor.replay.player import Player, Replay, play, player_of
from monitor.replay.reports import Report, Section, as_markdown, report_of, with_messages
from monitor.replay.rows import Row, Rows, Word, instant, read_csv
from monitor.replay.suggesting import Suggestion, suggest

__all__ = [
    "History",
    "Moment",
    "Player",
    "Replay",
    "Report",
    "Row",
    "RowHistory",
    "Rows",
    "Section",
    "Suggestion",
    "Word",
    "alert_of",
    "as_markdown",
    "csv_history",
    "document_of",
    "history_of",
    "instant",
    "moments_of",
    "play",
    "player_of",
    "read_csv",
    "read_rows",
    "report_of",
    "suggest",
    "with_messages",
    "with_publications",
]

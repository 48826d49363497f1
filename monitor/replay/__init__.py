"""Replay: a history through the very heart that `run` uses, and what tagdrift would have told of it."""

from monitor.replay.documents import alert_of, document_of, suggestion_document
from monitor.replay.exporting import history_rows
from monitor.replay.files import csv_history, history_of, read_rows, with_publications
from monitor.replay.git_history import Place, git_history
from monitor.replay.histories import Change, History, RowHistory
from monitor.replay.importing import Imported, import_history
from monitor.replay.moments import Moment, moments_of
from monitor.replay.overall import overall, targets_document, targets_report
from monitor.replay.player import Player, Replay, play, player_of
from monitor.replay.recorded import must_have_any, record_of
from monitor.replay.recording import Recording, chosen_targets, recording_of
from monitor.replay.reports import Report, Section, as_markdown, report_of, with_messages
from monitor.replay.rerun import RecordedHistory, recorded_history
from monitor.replay.rows import Row, Rows, Word, instant, read_csv
from monitor.replay.suggesting import Suggestion, suggest
from monitor.replay.tables import reason_of, suggested

__all__ = [
    "Change",
    "History",
    "Imported",
    "Moment",
    "Place",
    "Player",
    "RecordedHistory",
    "Recording",
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
    "chosen_targets",
    "csv_history",
    "document_of",
    "git_history",
    "history_of",
    "history_rows",
    "import_history",
    "instant",
    "moments_of",
    "must_have_any",
    "overall",
    "play",
    "player_of",
    "read_csv",
    "read_rows",
    "reason_of",
    "record_of",
    "recorded_history",
    "recording_of",
    "report_of",
    "suggest",
    "suggested",
    "suggestion_document",
    "targets_document",
    "targets_report",
    "with_messages",
    "with_publications",
]

"""Replay: a history through the very heart that `run` uses, and what tagdrift would have told of it."""

from monitor.replay.moments import Moment, moments_of
from monitor.replay.player import Replay, play, watched
from monitor.replay.rows import Row, Rows, Word, read_csv

__all__ = ["Moment", "Replay", "Row", "Rows", "Word", "moments_of", "play", "read_csv", "watched"]

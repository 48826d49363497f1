"""Instants and spans as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta


def instant(at: datetime, now: datetime) -> str:
    """Return `15:40 UTC`, with the date before it where that is not today's."""
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def moment(at: datetime, now: datetime) -> str:
    """Return `17:41:03`, with the date before it where that is not today's."""
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M:%S}"


def span(length: timedelta) -> str:
    """Return the two largest units: `12 s`, `45 min`, `2 h 01 min`, `3 d 4 h`; below zero it is `0 s`."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    whole_minutes = seconds // 60
    if whole_minutes < 60:
        return f"{whole_minutes} min"
    whole_hours = whole_minutes // 60
    if whole_hours < 48:
        return f"{whole_hours} h {whole_minutes % 60:02} min"
    return f"{whole_hours // 24} d {whole_hours % 24} h"

"""Histories for tests: rows as a table of words, and what came of them in few words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.model import Alert, CheckName, Policy, SinceClock
from monitor.replay import Replay, Row, RowHistory, Word, instant, recorded_history, recording_of
from monitor.store import Reader
from tests.scenarios.comparing import facts

_NAMES = {"release": Word.RELEASE, "withdrawn": Word.WITHDRAWN, "metadata": Word.METADATA}
_TOLD = (
    "check",
    "since",
    "since_is",
    "fired_at",
    "resolved_at",
    "named",
    "newest",
    "missing",
    "side",
    "severity",
    "reason",
    "state",
)
NOT_TARGETS = ("all targets", "spare")


def at(text: str) -> datetime:
    """Return the instant of `2024-10-16 12:00`."""
    return instant(text, "a test")


def rows(*lines: str) -> tuple[Row, ...]:
    """Return rows of lines like `2024-10-16 12:00 release 1.2.0`; without the last word a look failed."""
    found = []
    for line in lines:
        day, time, word, *value = line.split()
        found.append(Row(at=at(f"{day} {time}"), word=_NAMES[word], value=" ".join(value)))
    return tuple(found)


def replay(*lines: str, until: str | None = None, policy: Policy | None = None, **keys: Any) -> Replay:
    """Return what came of these rows; `keys` are those of a policy."""
    history = RowHistory(
        name="project",
        rows=rows(*lines),
        pattern=keys.pop("pattern", None),
        until_at=None if until is None else at(until),
    )
    wanted = policy or Policy(**keys)
    return history.play(lambda _: wanted)


def in_short(alerts: Sequence[Alert]) -> list[str]:
    """Return each alert as `behind 10-16 12:00 -> 10-16 14:00 .. 10-16 18:00 1.0 < 1.2 (2)`."""
    return [_short(alert) for alert in alerts]


def _short(alert: Alert) -> str:
    since, fired, resolved = map(_when, (alert.since, alert.fired_at, alert.resolved_at))
    about = (
        f" {alert.named} < {alert.newest} ({len(alert.missing)})" if alert.check is CheckName.BEHIND else ""
    )
    named = f" {alert.named}" if alert.check in {CheckName.UNLISTED, CheckName.AMBIGUOUS} else ""
    known = "" if alert.since_is is SinceClock.PUBLISHED else f" {alert.since_is.value}"
    return f"{alert.check.value} {since}{known} -> {fired} .. {resolved}{about}{named}"


def _when(instant_: datetime | None) -> str:
    return "" if instant_ is None else f"{instant_:%m-%d %H:%M}"


def told(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Return what an operator is told of alerts; our own sight is no target's."""
    return [
        {key: value for key, value in facts(alert).items() if key in _TOLD}
        for alert in alerts
        if alert.check is not CheckName.BLIND
    ]


def replayed(reader: Reader, until_at: datetime) -> list[dict[str, Any]]:
    """Return what is told of the alerts when each target of the database is played again as it was."""
    alerts: list[Alert] = []
    for name in reader.targets():
        if name not in NOT_TARGETS:
            history = recorded_history(recording_of(reader, name), until_at)
            alerts += history.play(lambda policy: policy).alerts
    return told(sorted(alerts, key=lambda alert: (alert.fired_at or alert.since, alert.check)))

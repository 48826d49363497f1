"""Write a history into the database as the past of a target, so that a new installation has one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from monitor import detector
from monitor.errors import StoreError
from monitor.model import AlertState, Target, TargetState
from monitor.replay.histories import Progress, RowHistory, nobody_watches
from monitor.replay.moments import moments_of
from monitor.replay.player import player_of
from monitor.store import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was written."""

    looks: int
    releases: int
    alerts: int
    until_at: datetime


def import_history(
    ledger: Ledger, history: RowHistory, target: Target, now: datetime, progress: Progress = nobody_watches
) -> Imported:
    """Play the history under the target's policy, and write all of it but what is still going on.

    A drift that goes on at its end is for the daemon to find: it looks before it tells.

    Raises:
        StoreError: the target has a history of its own, or this one reaches past now.
    """
    _check(ledger, history, target, now)
    player = player_of(target, receivers=(), ids=ledger.new_alert_ids())
    moments = moments_of(history.rows, target=target.name, tags=target.policy.tags, pattern=history.pattern)
    for moment in moments:
        for look in moment.looks:
            ledger.observe(look)
        player.look(moment)
        progress()
    until_at = history.rows[-1].at
    replay = player.ended(until_at)
    over = [alert for alert in replay.alerts if alert.state is AlertState.RESOLVED]
    ids = {alert.id for alert in over}
    state = detector.resumed(replace(replay.state, alerts=(), memo=None), until_at, now)
    ledger.save(state, None)
    ledger.save_alerts(over)
    ledger.add_events(event for event in replay.events if event.alert_id is None or event.alert_id in ids)
    return Imported(looks=replay.looks, releases=len(state.releases), alerts=len(over), until_at=until_at)


def _check(ledger: Ledger, history: RowHistory, target: Target, now: datetime) -> None:
    known: TargetState | None = ledger.states().get(target.name)
    if known is not None:
        since = min(
            (seen.first_seen_at for seen in known.releases.values()), default=known.metadata.first_good_at
        )
        when = "" if since is None else f", since {since:%Y-%m-%d}"
        raise StoreError(
            f"{target.name} has a history already{when}; a history is imported into a new target"
        )
    if history.rows[-1].at > now:
        raise StoreError(
            f"the history reaches to {history.rows[-1].at:%Y-%m-%d %H:%M} UTC, which is ahead of us"
        )

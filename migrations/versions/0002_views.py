"""The views for people: every instant as text beside its twin in microseconds."""

# ruff: noqa: S608 every part of these statements is written here
from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def as_text(column: str) -> str:
    """Return the instant as `2024-02-26T03:18:47Z`, in the words of the database at hand."""
    if op.get_bind().dialect.name == "postgresql":
        moment = f"to_timestamp({column} / 1000000) AT TIME ZONE 'UTC'"
        return f"""to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column} / 1000000, 'unixepoch')"


def instant(name: str, column: str) -> str:
    """Return an instant's two columns."""
    return f"{as_text(column)} AS {name}, {column} AS {name}_us"


def current() -> str:
    """Return how each target stands; the word is that of the last judgement."""
    return f"""
SELECT
    targets.name AS target,
    states.word AS state,
    states.named,
    states.newest,
    states.missing,
    {instant("since", "states.since")},
    states.since_is,
    {instant("fires_at", "states.fires_at")},
    {instant("last_good_metadata_at", "metadata.good_at")},
    {instant("last_good_releases_at", "listed.good_at")},
    states.alert_id
FROM states
JOIN targets ON targets.id = states.target_id
LEFT JOIN spans AS metadata ON metadata.target_id = states.target_id AND metadata.side = 0
LEFT JOIN spans AS listed ON listed.target_id = states.target_id AND listed.side = 1
WHERE targets.retired_at IS NULL"""


def alert_history() -> str:
    """Return every alert that has fired; named, newest and missing as they were then."""
    return f"""
SELECT
    alerts.id,
    targets.name AS target,
    alerts."check",
    alerts.severity,
    {instant("since", "alerts.since")},
    alerts.since_is,
    {instant("fired_at", "alerts.fired_at")},
    {instant("resolved_at", "alerts.resolved_at")},
    alerts.named,
    alerts.newest,
    alerts.missing
FROM alerts
JOIN targets ON targets.id = alerts.target_id"""


def release_lag() -> str:
    """Return how long each release waited for the metadata to name it, or something newer.

    One that still waits has its lag as of the last good look at the metadata. What the metadata had covered
    before our first looks, one of which comes after the other, was announced we do not know when: it says so,
    and has no lag.
    """
    out = "COALESCE(releases.published_at, releases.first_seen_at)"
    until = "COALESCE(releases.covered_at, metadata.good_at)"
    first = (
        "releases.covered_at <= states.first_metadata_at OR releases.covered_at <= states.first_releases_at"
    )
    is_older = f"COALESCE({first}, FALSE)"
    return f"""
SELECT
    targets.name AS target,
    releases.version,
    {instant("published", "releases.published_at")},
    {instant("first_seen", "releases.first_seen_at")},
    {instant("named_at", "releases.named_at")},
    {instant("covered_at", "releases.covered_at")},
    CASE
        WHEN {is_older} OR releases.named_at <= releases.covered_at THEN NULL
        ELSE (
            SELECT newer.version FROM releases AS newer
            WHERE newer.target_id = releases.target_id AND newer.named_at <= releases.covered_at
            ORDER BY newer.named_at DESC, newer.id DESC LIMIT 1
        )
    END AS superseded_by,
    CASE WHEN {is_older} THEN NULL ELSE ({until} - {out}) / 1000000 END AS lag,
    CASE
        WHEN {is_older} THEN 'announced before our first look'
        WHEN releases.covered_at IS NULL THEN 'not announced yet'
        WHEN releases.published_at IS NULL THEN 'at least: out since we first saw it'
    END AS note
FROM releases
JOIN targets ON targets.id = releases.target_id
LEFT JOIN states ON states.target_id = releases.target_id
LEFT JOIN spans AS metadata ON metadata.target_id = releases.target_id AND metadata.side = 0
WHERE COALESCE(releases.eligible, releases.withdrawn_at IS NOT NULL) OR releases.named_at IS NOT NULL"""


def observation_log() -> str:
    """Return every look that is kept. Order by `at_us`: by that it is kept, `at` is made from it."""
    return f"""
SELECT
    {instant("at", "observations.at")},
    targets.name AS target,
    CASE observations.how & 1 WHEN 0 THEN 'metadata' ELSE 'releases' END AS side,
    CASE (observations.how >> 1) & 7
        WHEN 0 THEN 'good' WHEN 1 THEN 'unreachable' WHEN 2 THEN 'refused' WHEN 3 THEN 'limited'
        ELSE 'malformed'
    END AS outcome,
    observations.status,
    observations.latency_ms,
    (observations.how >> 4) & 1 AS confirm
FROM observations
JOIN targets ON targets.id = observations.target_id"""


def delivery_log() -> str:
    """Return every message that was queued, and what became of it."""
    return f"""
SELECT
    {instant("at", "deliveries.at")},
    deliveries.alert_id,
    receivers.name AS receiver,
    deliveries.reason,
    deliveries.state,
    deliveries.attempts
FROM deliveries
JOIN receivers ON receivers.id = deliveries.receiver_id"""


def upgrade() -> None:
    for view in (current, alert_history, release_lag, observation_log, delivery_log):
        op.execute(f"CREATE VIEW {view.__name__} AS{view()}")

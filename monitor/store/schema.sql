-- What the migrations come to; written by `python -m monitor.store.migrate snapshot`.

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE http_cache (
    "key" TEXT NOT NULL, 
    url TEXT NOT NULL, 
    status INTEGER NOT NULL, 
    content_type TEXT NOT NULL, 
    etag TEXT, 
    last_modified TEXT, 
    links TEXT NOT NULL, 
    received INTEGER NOT NULL, 
    put_at BIGINT NOT NULL, 
    used_at BIGINT NOT NULL, 
    body BLOB NOT NULL, 
    CONSTRAINT pk_http_cache PRIMARY KEY ("key")
);
CREATE INDEX ix_http_cache_used_at ON http_cache (used_at);
CREATE TABLE instance (
    id INTEGER NOT NULL, 
    name TEXT NOT NULL, 
    sequence INTEGER NOT NULL, 
    visits INTEGER NOT NULL, 
    CONSTRAINT pk_instance PRIMARY KEY (id), 
    CONSTRAINT ck_instance_single CHECK (id = 1)
);
CREATE TABLE limits (
    host TEXT NOT NULL, 
    until_at BIGINT NOT NULL, 
    CONSTRAINT pk_limits PRIMARY KEY (host)
);
CREATE TABLE payloads (
    id INTEGER NOT NULL, 
    digest BLOB NOT NULL, 
    body BLOB NOT NULL, 
    CONSTRAINT pk_payloads PRIMARY KEY (id), 
    CONSTRAINT uq_payloads_digest UNIQUE (digest)
);
CREATE TABLE policies (
    id INTEGER NOT NULL, 
    version TEXT NOT NULL, 
    body BLOB NOT NULL, 
    CONSTRAINT pk_policies PRIMARY KEY (id), 
    CONSTRAINT uq_policies_version UNIQUE (version)
);
CREATE TABLE receivers (
    id INTEGER NOT NULL, 
    name TEXT NOT NULL, 
    CONSTRAINT pk_receivers PRIMARY KEY (id), 
    CONSTRAINT uq_receivers_name UNIQUE (name)
);
CREATE TABLE runs (
    id INTEGER NOT NULL, 
    started_at BIGINT NOT NULL, 
    alive_at BIGINT NOT NULL, 
    ended_at BIGINT, 
    pid INTEGER NOT NULL, 
    CONSTRAINT pk_runs PRIMARY KEY (id)
);
CREATE TABLE silences (
    id INTEGER NOT NULL, 
    from_at BIGINT NOT NULL, 
    until_at BIGINT NOT NULL, 
    who TEXT NOT NULL, 
    comment TEXT NOT NULL, 
    target TEXT, 
    label_name TEXT, 
    label_value TEXT, 
    "check" TEXT, 
    CONSTRAINT pk_silences PRIMARY KEY (id)
);
CREATE INDEX ix_silences_until_at ON silences (until_at);
CREATE TABLE targets (
    id INTEGER NOT NULL, 
    name TEXT NOT NULL, 
    first_at BIGINT NOT NULL, 
    retired_at BIGINT, 
    CONSTRAINT pk_targets PRIMARY KEY (id), 
    CONSTRAINT uq_targets_name UNIQUE (name)
);
CREATE TABLE alerts (
    id INTEGER NOT NULL, 
    target_id INTEGER NOT NULL, 
    "check" TEXT NOT NULL, 
    state TEXT NOT NULL, 
    severity TEXT NOT NULL, 
    since BIGINT NOT NULL, 
    since_is TEXT NOT NULL, 
    fired_at BIGINT, 
    resolved_at BIGINT, 
    named TEXT, 
    newest TEXT, 
    missing INTEGER NOT NULL, 
    body TEXT NOT NULL, 
    is_live BOOLEAN NOT NULL, 
    CONSTRAINT pk_alerts PRIMARY KEY (id), 
    CONSTRAINT fk_alerts_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id)
);
CREATE INDEX ix_alerts_is_live_target_id ON alerts (is_live, target_id);
CREATE INDEX ix_alerts_target_id ON alerts (target_id);
CREATE TABLE config_loads (
    id INTEGER NOT NULL, 
    run_id INTEGER NOT NULL, 
    at BIGINT NOT NULL, 
    policy_id INTEGER, 
    sentence TEXT NOT NULL, 
    CONSTRAINT pk_config_loads PRIMARY KEY (id), 
    CONSTRAINT fk_config_loads_policy_id_policies FOREIGN KEY(policy_id) REFERENCES policies (id), 
    CONSTRAINT fk_config_loads_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
);
CREATE TABLE events (
    id INTEGER NOT NULL, 
    at BIGINT NOT NULL, 
    target_id INTEGER NOT NULL, 
    kind TEXT NOT NULL, 
    "check" TEXT, 
    alert_id INTEGER, 
    side SMALLINT, 
    sentence TEXT NOT NULL, 
    CONSTRAINT pk_events PRIMARY KEY (id), 
    CONSTRAINT fk_events_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id)
);
CREATE INDEX ix_events_target_id ON events (target_id);
CREATE TABLE readings (
    id INTEGER NOT NULL, 
    target_id INTEGER NOT NULL, 
    side SMALLINT NOT NULL, 
    outcome SMALLINT NOT NULL, 
    first_at BIGINT NOT NULL, 
    last_at BIGINT, 
    seen INTEGER, 
    digest BLOB NOT NULL, 
    payload_id INTEGER NOT NULL, 
    CONSTRAINT pk_readings PRIMARY KEY (id), 
    CONSTRAINT fk_readings_payload_id_payloads FOREIGN KEY(payload_id) REFERENCES payloads (id), 
    CONSTRAINT fk_readings_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id)
);
CREATE INDEX ix_readings_target_id_side_first_at ON readings (target_id, side, first_at);
CREATE TABLE releases (
    id INTEGER NOT NULL, 
    target_id INTEGER NOT NULL, 
    tag TEXT NOT NULL, 
    version TEXT NOT NULL, 
    first_seen_at BIGINT NOT NULL, 
    published_at BIGINT, 
    published_is TEXT NOT NULL, 
    eligible BOOLEAN, 
    withdrawn_at BIGINT, 
    named_at BIGINT, 
    covered_at BIGINT, 
    forgotten_at BIGINT, 
    body TEXT NOT NULL, 
    CONSTRAINT pk_releases PRIMARY KEY (id), 
    CONSTRAINT fk_releases_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id), 
    CONSTRAINT uq_releases_target_id_tag UNIQUE (target_id, tag)
);
CREATE TABLE states (
    target_id INTEGER NOT NULL, 
    body TEXT NOT NULL, 
    word TEXT NOT NULL, 
    named TEXT, 
    newest TEXT, 
    missing INTEGER NOT NULL, 
    since BIGINT, 
    since_is TEXT, 
    fires_at BIGINT, 
    alert_id INTEGER, 
    first_metadata_at BIGINT, 
    first_releases_at BIGINT, 
    CONSTRAINT pk_states PRIMARY KEY (target_id), 
    CONSTRAINT fk_states_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id)
);
CREATE TABLE acks (
    id INTEGER NOT NULL, 
    alert_id INTEGER NOT NULL, 
    at BIGINT NOT NULL, 
    who TEXT NOT NULL, 
    comment TEXT NOT NULL, 
    missing TEXT NOT NULL, 
    ended_at BIGINT, 
    CONSTRAINT pk_acks PRIMARY KEY (id), 
    CONSTRAINT fk_acks_alert_id_alerts FOREIGN KEY(alert_id) REFERENCES alerts (id)
);
CREATE INDEX ix_acks_standing ON acks (alert_id) WHERE ended_at IS NULL;
CREATE TABLE deliveries (
    id INTEGER NOT NULL, 
    at BIGINT NOT NULL, 
    alert_id INTEGER NOT NULL, 
    receiver_id INTEGER NOT NULL, 
    reason TEXT NOT NULL, 
    severity TEXT NOT NULL, 
    state TEXT NOT NULL, 
    next_at BIGINT NOT NULL, 
    attempts INTEGER NOT NULL, 
    first_attempt_at BIGINT, 
    last_attempt_at BIGINT, 
    sentence TEXT NOT NULL, 
    repeats INTEGER NOT NULL, 
    replaces_first BOOLEAN NOT NULL, 
    missing TEXT NOT NULL, 
    title TEXT NOT NULL, 
    body TEXT NOT NULL, 
    CONSTRAINT pk_deliveries PRIMARY KEY (id), 
    CONSTRAINT fk_deliveries_alert_id_alerts FOREIGN KEY(alert_id) REFERENCES alerts (id), 
    CONSTRAINT fk_deliveries_receiver_id_receivers FOREIGN KEY(receiver_id) REFERENCES receivers (id)
);
CREATE INDEX ix_deliveries_alert_id_receiver_id ON deliveries (alert_id, receiver_id);
CREATE INDEX ix_deliveries_state_receiver_id_alert_id ON deliveries (state, receiver_id, alert_id);
CREATE TABLE observations (
    at INTEGER NOT NULL, 
    target_id INTEGER NOT NULL, 
    how SMALLINT NOT NULL, 
    status SMALLINT NOT NULL, 
    latency_ms INTEGER NOT NULL, 
    received INTEGER NOT NULL, 
    reading_id INTEGER NOT NULL, 
    cache_age INTEGER, 
    CONSTRAINT pk_observations PRIMARY KEY (at), 
    CONSTRAINT fk_observations_reading_id_readings FOREIGN KEY(reading_id) REFERENCES readings (id), 
    CONSTRAINT fk_observations_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id)
);
CREATE TABLE spans (
    target_id INTEGER NOT NULL, 
    side SMALLINT NOT NULL, 
    reading_id INTEGER NOT NULL, 
    last_at BIGINT NOT NULL, 
    good_at BIGINT, 
    seen INTEGER NOT NULL, 
    cache_age INTEGER, 
    CONSTRAINT pk_spans PRIMARY KEY (target_id, side), 
    CONSTRAINT fk_spans_reading_id_readings FOREIGN KEY(reading_id) REFERENCES readings (id), 
    CONSTRAINT fk_spans_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (id)
)
 WITHOUT ROWID

;
CREATE VIEW current AS
SELECT
    targets.name AS target,
    states.word AS state,
    states.named,
    states.newest,
    states.missing,
    strftime('%Y-%m-%dT%H:%M:%SZ', states.since / 1000000, 'unixepoch') AS since, states.since AS since_us,
    states.since_is,
    strftime('%Y-%m-%dT%H:%M:%SZ', states.fires_at / 1000000, 'unixepoch') AS fires_at, states.fires_at AS fires_at_us,
    strftime('%Y-%m-%dT%H:%M:%SZ', metadata.good_at / 1000000, 'unixepoch') AS last_good_metadata_at, metadata.good_at AS last_good_metadata_at_us,
    strftime('%Y-%m-%dT%H:%M:%SZ', listed.good_at / 1000000, 'unixepoch') AS last_good_releases_at, listed.good_at AS last_good_releases_at_us,
    states.alert_id
FROM states
JOIN targets ON targets.id = states.target_id
LEFT JOIN spans AS metadata ON metadata.target_id = states.target_id AND metadata.side = 0
LEFT JOIN spans AS listed ON listed.target_id = states.target_id AND listed.side = 1
WHERE targets.retired_at IS NULL;
CREATE VIEW alert_history AS
SELECT
    alerts.id,
    targets.name AS target,
    alerts."check",
    alerts.severity,
    strftime('%Y-%m-%dT%H:%M:%SZ', alerts.since / 1000000, 'unixepoch') AS since, alerts.since AS since_us,
    alerts.since_is,
    strftime('%Y-%m-%dT%H:%M:%SZ', alerts.fired_at / 1000000, 'unixepoch') AS fired_at, alerts.fired_at AS fired_at_us,
    strftime('%Y-%m-%dT%H:%M:%SZ', alerts.resolved_at / 1000000, 'unixepoch') AS resolved_at, alerts.resolved_at AS resolved_at_us,
    alerts.named,
    alerts.newest,
    alerts.missing
FROM alerts
JOIN targets ON targets.id = alerts.target_id;
CREATE VIEW release_lag AS
SELECT
    targets.name AS target,
    releases.version,
    strftime('%Y-%m-%dT%H:%M:%SZ', releases.published_at / 1000000, 'unixepoch') AS published, releases.published_at AS published_us,
    strftime('%Y-%m-%dT%H:%M:%SZ', releases.first_seen_at / 1000000, 'unixepoch') AS first_seen, releases.first_seen_at AS first_seen_us,
    strftime('%Y-%m-%dT%H:%M:%SZ', releases.named_at / 1000000, 'unixepoch') AS named_at, releases.named_at AS named_at_us,
    strftime('%Y-%m-%dT%H:%M:%SZ', releases.covered_at / 1000000, 'unixepoch') AS covered_at, releases.covered_at AS covered_at_us,
    CASE
        WHEN COALESCE(releases.covered_at <= states.first_metadata_at OR releases.covered_at <= states.first_releases_at, FALSE) OR releases.named_at <= releases.covered_at THEN NULL
        ELSE (
            SELECT newer.version FROM releases AS newer
            WHERE newer.target_id = releases.target_id AND newer.named_at <= releases.covered_at
            ORDER BY newer.named_at DESC, newer.id DESC LIMIT 1
        )
    END AS superseded_by,
    CASE WHEN COALESCE(releases.covered_at <= states.first_metadata_at OR releases.covered_at <= states.first_releases_at, FALSE) THEN NULL ELSE (COALESCE(releases.covered_at, metadata.good_at) - COALESCE(releases.published_at, releases.first_seen_at)) / 1000000 END AS lag,
    CASE
        WHEN COALESCE(releases.covered_at <= states.first_metadata_at OR releases.covered_at <= states.first_releases_at, FALSE) THEN 'announced before our first look'
        WHEN releases.covered_at IS NULL THEN 'not announced yet'
        WHEN releases.published_at IS NULL THEN 'at least: out since we first saw it'
    END AS note
FROM releases
JOIN targets ON targets.id = releases.target_id
LEFT JOIN states ON states.target_id = releases.target_id
LEFT JOIN spans AS metadata ON metadata.target_id = releases.target_id AND metadata.side = 0
WHERE COALESCE(releases.eligible, releases.withdrawn_at IS NOT NULL) OR releases.named_at IS NOT NULL;
CREATE VIEW observation_log AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', observations.at / 1000000, 'unixepoch') AS at, observations.at AS at_us,
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
JOIN targets ON targets.id = observations.target_id;
CREATE VIEW delivery_log AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%SZ', deliveries.at / 1000000, 'unixepoch') AS at, deliveries.at AS at_us,
    deliveries.alert_id,
    receivers.name AS receiver,
    deliveries.reason,
    deliveries.state,
    deliveries.attempts
FROM deliveries
JOIN receivers ON receivers.id = deliveries.receiver_id;
INSERT INTO alembic_version VALUES ('0002');

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
CREATE INDEX ix_alerts_live ON alerts (target_id) WHERE is_live;
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
CREATE INDEX ix_deliveries_open ON deliveries (receiver_id, alert_id) WHERE state IN ('queued', 'sending');
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
INSERT INTO alembic_version VALUES ('0001');

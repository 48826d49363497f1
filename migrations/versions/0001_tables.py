"""The tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "http_cache",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_http_cache"),
    )
    op.create_index("ix_http_cache_used_at", "http_cache", ["used_at"])

    op.create_table(
        "instance",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", KEY, nullable=False),
        sa.Column("visits", KEY, nullable=False),
        sa.CheckConstraint("id = 1", name="single"),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
    )
    op.create_table(
        "limits",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_limits"),
    )
    op.create_table(
        "payloads",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payloads"),
        sa.UniqueConstraint("digest", name="uq_payloads_digest"),
    )
    op.create_table(
        "policies",
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
        sa.UniqueConstraint("version", name="uq_policies_version"),
    )
    op.create_table(
        "receivers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receivers"),
        sa.UniqueConstraint("name", name="uq_receivers_name"),
    )
    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("alive_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "silences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("target", sa.Text()),
        sa.Column("label_name", sa.Text()),
        sa.Column("label_value", sa.Text()),
        sa.Column("check", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_until_at", "silences", ["until_at"])

    op.create_table(
        "targets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
        sa.UniqueConstraint("name", name="uq_targets_name"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("since_is", sa.Text(), nullable=False),
        sa.Column("fired_at", sa.BigInteger()),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.Column("named", sa.Text()),
        sa.Column("newest", sa.Text()),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_alerts_target_id_targets"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_is_live_target_id", "alerts", ["is_live", "target_id"])
    op.create_index("ix_alerts_target_id", "alerts", ["target_id"])

    op.create_table(
        "config_loads",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.Integer()),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name="fk_config_loads_policy_id_policies"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_config_loads_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_config_loads"),
    )
    op.create_table(
        "events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("check", sa.Text()),
        sa.Column("alert_id", sa.Integer()),
        sa.Column("side", sa.SmallInteger()),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_events_target_id_targets"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_target_id", "events", ["target_id"])

    op.create_table(
        "readings",
        sa.Column("id", KEY, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger()),
        sa.Column("seen", sa.Integer()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("payload_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payload_id"], ["payloads.id"], name="fk_readings_payload_id_payloads"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_readings_target_id_targets"),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
    )
    op.create_index("ix_readings_target_id_side_first_at", "readings", ["target_id", "side", "first_at"])

    op.create_table(
        "releases",
        sa.Column("id", KEY, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("published_is", sa.Text(), nullable=False),
        sa.Column("eligible", sa.Boolean()),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.Column("named_at", sa.BigInteger()),
        sa.Column("covered_at", sa.BigInteger()),
        sa.Column("forgotten_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_releases_target_id_targets"),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.UniqueConstraint("target_id", "tag", name="uq_releases_target_id_tag"),
    )
    op.create_table(
        "states",
        sa.Column("target_id", KEY, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("named", sa.Text()),
        sa.Column("newest", sa.Text()),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("since_is", sa.Text()),
        sa.Column("fires_at", sa.BigInteger()),
        sa.Column("alert_id", sa.Integer()),
        sa.Column("first_metadata_at", sa.BigInteger()),
        sa.Column("first_releases_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_states_target_id_targets"),
        sa.PrimaryKeyConstraint("target_id", name="pk_states"),
    )
    op.create_table(
        "acks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_acks_alert_id_alerts"),
        sa.PrimaryKeyConstraint("id", name="pk_acks"),
    )
    op.create_index(
        "ix_acks_standing",
        "acks",
        ["alert_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", sa.BigInteger()),
        sa.Column("last_attempt_at", sa.BigInteger()),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("replaces_first", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_deliveries_alert_id_alerts"),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name="fk_deliveries_receiver_id_receivers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_alert_id_receiver_id", "deliveries", ["alert_id", "receiver_id"])
    op.create_index(
        "ix_deliveries_state_receiver_id_alert_id", "deliveries", ["state", "receiver_id", "alert_id"]
    )

    op.create_table(
        "observations",
        sa.Column("at", KEY, autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("cache_age", sa.Integer()),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="fk_observations_reading_id_readings"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_observations_target_id_targets"),
        sa.PrimaryKeyConstraint("at", name="pk_observations"),
    )
    op.create_table(
        "spans",
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("good_at", sa.BigInteger()),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("cache_age", sa.Integer()),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="fk_spans_reading_id_readings"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_spans_target_id_targets"),
        sa.PrimaryKeyConstraint("target_id", "side", name="pk_spans"),
        sqlite_with_rowid=False,
    )

"""The first schema that Alembic keeps: recordings, jobs, stage runs, transcripts, segments,
speakers, audit log.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_TABLES = (
    "speakers",
    "segments",
    "transcripts",
    "stage_runs",
    "jobs",
    "recordings",
    "profiles",
    "audit_log",
)
_POSTGRES = """
-- A tsvector holds at most 1 MB; a longer segment is searched by its beginning.
ALTER TABLE segments ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, left(text, 100000))) STORED;
CREATE INDEX ix_trax_segments_search ON segments USING gin (search);
CREATE FUNCTION trax_refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''rows of % are never changed'', TG_TABLE_NAME; END';
CREATE TRIGGER trax_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION trax_refuse();
CREATE TRIGGER trax_immutable BEFORE UPDATE ON transcripts
    FOR EACH STATEMENT EXECUTE FUNCTION trax_refuse()
"""
_SQLITE = (
    """CREATE VIRTUAL TABLE segments_search USING fts5(
        text, content='segments', content_rowid='id', tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER trax_segments_added AFTER INSERT ON segments BEGIN
        INSERT INTO segments_search (rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER trax_segments_removed AFTER DELETE ON segments BEGIN
        INSERT INTO segments_search (segments_search, rowid, text)
        VALUES ('delete', old.id, old.text); END""",
    """CREATE TRIGGER trax_append_only_update BEFORE UPDATE ON audit_log BEGIN
        SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END""",
    """CREATE TRIGGER trax_append_only_delete BEFORE DELETE ON audit_log BEGIN
        SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END""",
    """CREATE TRIGGER trax_immutable BEFORE UPDATE ON transcripts BEGIN
        SELECT RAISE(ABORT, 'rows of transcripts are never changed'); END""",
)


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "audit_log",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_audit_log"),
    )
    op.create_index("ix_trax_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("embedding", _JSON, nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_profiles"),
    )
    op.create_table(
        "recordings",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_trax_recordings"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("recording_sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", _JSON, nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("flow_run_id", sa.String(), nullable=False),
        sa.Column("transcript_id", sa.String(), nullable=True),
        sa.Column("transcript_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_sha256"],
            ["recordings.sha256"],
            name="fk_trax_jobs_recording_sha256_recordings",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trax_jobs"),
        sa.UniqueConstraint("idempotency_key", name="uq_trax_jobs_idempotency_key"),
    )
    op.create_index("ix_trax_jobs_recording_sha256", "jobs", ["recording_sha256"], unique=False)
    op.create_index("ix_trax_jobs_status", "jobs", ["status"], unique=False)
    op.create_table(
        "stage_runs",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("audio_seconds", sa.Double(), nullable=False),
        sa.Column("peak_memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("peak_device_memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_trax_stage_runs_job_id_jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_trax_stage_runs"),
    )
    op.create_index("ix_trax_stage_runs_job_id", "stage_runs", ["job_id"], unique=False)
    op.create_table(
        "transcripts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recording_sha256", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("pipeline_version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("speakers", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_trax_transcripts_job_id_jobs"),
        sa.ForeignKeyConstraint(
            ["recording_sha256"],
            ["recordings.sha256"],
            name="fk_trax_transcripts_recording_sha256_recordings",
        ),
        sa.PrimaryKeyConstraint("id", "version", name="pk_trax_transcripts"),
    )
    op.create_index("ix_trax_transcripts_created_at", "transcripts", ["created_at"], unique=False)
    op.create_index("ix_trax_transcripts_job_id", "transcripts", ["job_id"], unique=False)
    op.create_index(
        "ix_trax_transcripts_recording_sha256", "transcripts", ["recording_sha256"], unique=False
    )
    op.create_table(
        "segments",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id", "version"],
            ["transcripts.id", "transcripts.version"],
            name="fk_trax_segments_transcript_id_transcripts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trax_segments"),
        sa.UniqueConstraint(
            "transcript_id", "version", "position", name="uq_trax_segments_transcript_id"
        ),
    )
    op.create_table(
        "speakers",
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("speech", sa.Double(), nullable=False),
        sa.Column("profile_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.id"],
            name="fk_trax_speakers_profile_id_profiles",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["transcript_id", "version"],
            ["transcripts.id", "transcripts.version"],
            name="fk_trax_speakers_transcript_id_transcripts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "version", "label", name="pk_trax_speakers"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRES)
    else:
        for statement in _SQLITE:
            op.execute(statement)


def downgrade() -> None:
    """Drop every table; dropping one drops its indexes and triggers."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("segments_search")
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION trax_refuse()")

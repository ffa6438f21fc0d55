"""How stages and jobs went, added up by day."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables, and what finds the rows of a day."""
    op.create_table(
        "stage_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("cached", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("audio_seconds", sa.Double(), nullable=False),
        sa.Column("peak_memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("peak_device_memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("took", _JSON, nullable=False),
        sa.Column("paces", _JSON, nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "stage", "plan", "machine", "device", name="pk_trax_stage_days"
        ),
    )
    op.create_table(
        "job_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pipeline", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("audio_seconds", sa.Double(), nullable=False),
        sa.Column("waited", _JSON, nullable=False),
        sa.Column("took", _JSON, nullable=False),
        sa.Column("paces", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("day", "pipeline", "plan", "status", name="pk_trax_job_days"),
    )
    op.add_column("transcripts", sa.Column("speaker_confidence", sa.Double(), nullable=True))
    op.create_index("ix_trax_stage_runs_started_at", "stage_runs", ["started_at"])
    op.create_index("ix_trax_jobs_finished_at", "jobs", ["finished_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_trax_jobs_finished_at", "jobs")
    op.drop_index("ix_trax_stage_runs_started_at", "stage_runs")
    op.drop_column("transcripts", "speaker_confidence")
    op.drop_table("job_days")
    op.drop_table("stage_days")

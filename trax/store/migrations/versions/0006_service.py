"""What a service keeps: its queue, recordings handed in, keys under which jobs were asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("jobs", sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_trax_jobs_queued_at", "jobs", ["queued_at"], unique=False)
    _make_submissions()
    _make_uploads()


def downgrade() -> None:
    """Remove them."""
    op.drop_table("uploads")
    op.drop_table("submissions")
    op.drop_index("ix_trax_jobs_queued_at", "jobs")
    op.drop_column("jobs", "queued_at")


def _make_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_trax_submissions"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_trax_submissions_job_id_jobs"),
    )
    op.create_index("ix_trax_submissions_created_at", "submissions", ["created_at"], unique=False)


def _make_uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_uploads"),
    )
    op.create_index("ix_trax_uploads_expires_at", "uploads", ["expires_at"], unique=False)

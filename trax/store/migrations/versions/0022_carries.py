"""People's decisions that are to be carried over to what a job makes."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "carries",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_trax_carries"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_trax_carries_job_id_jobs"),
    )
    op.create_index("ix_trax_carries_done_at", "carries", ["done_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("carries")

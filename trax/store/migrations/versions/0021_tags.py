"""Words by which people find transcripts again."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tags",
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("transcript_id", "key", name="pk_trax_tags"),
    )
    op.create_index("ix_trax_tags_key", "tags", ["key"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("tags")

"""What people changed, as operations."""

import sqlalchemy as sa
from alembic import op

from trax.store.tables import Json

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "revisions",
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("operations", Json, nullable=True),
        sa.Column("inverse", Json, nullable=True),
        sa.PrimaryKeyConstraint("transcript_id", "version", name="pk_trax_revisions"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("revisions")

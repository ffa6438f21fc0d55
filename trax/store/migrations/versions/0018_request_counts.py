"""How often somebody asks, counted by several services together."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "request_counts",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "minute"),
    )
    op.create_index("ix_trax_request_counts_minute", "request_counts", ["minute"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("request_counts")

"""Jobs in place of those that were made another's."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the column; no job is one so far."""
    op.add_column(
        "jobs", sa.Column("given", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_column("jobs", "given")

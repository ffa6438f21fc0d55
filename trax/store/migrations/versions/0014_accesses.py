"""Who read what, and who was refused."""

import sqlalchemy as sa
from alembic import op

from trax.store.tables import BigKey, Json

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "accesses",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_accesses"),
    )
    op.create_index("ix_trax_accesses_at", "accesses", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("accesses")

"""Webhooks: a secret that is replaced signs for a while, and receivers may ask for a rest."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("webhooks") as table:
        table.add_column(sa.Column("old_secret", sa.String(), server_default="", nullable=False))
        table.add_column(sa.Column("old_until", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("rests_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("webhooks") as table:
        for column in ("old_secret", "old_until", "rests_until"):
            table.drop_column(column)

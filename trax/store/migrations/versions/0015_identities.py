"""Whom OpenID providers know users as."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_trax_identities"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_trax_identities_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_trax_identities_user_id", "identities", ["user_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("identities")

"""Links that share a transcript with whoever has them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "links",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sa.Column("start", sa.Double(), nullable=True),
        sa.Column("end", sa.Double(), nullable=True),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trax_links"),
        sa.UniqueConstraint("digest", name="uq_trax_links_digest"),
    )
    op.create_index("ix_trax_links_transcript_id", "links", ["transcript_id"])
    op.create_table(
        "visits",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_trax_visits"),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name="fk_trax_visits_link_id_links", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_trax_visits_link_id", "visits", ["link_id"])
    op.create_index("ix_trax_visits_expires_at", "visits", ["expires_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("visits")
    op.drop_table("links")

"""All who made a version together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the column."""
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("revisions", sa.Column("authors", json, nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("revisions", "authors")

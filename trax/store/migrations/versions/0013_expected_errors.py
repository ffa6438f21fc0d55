"""How many words of a transcript are probably wrong, for lists: a document is large."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; of what is there nothing is known until it is saved again."""
    op.add_column("transcripts", sa.Column("expected_error_rate", sa.Double(), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("transcripts", "expected_error_rate")

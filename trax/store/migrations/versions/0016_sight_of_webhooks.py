"""What whoever made a webhook saw then: a token may see less than the user whose it is."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column; what is there is told as before."""
    op.add_column(
        "webhooks",
        sa.Column("is_whole", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    webhooks = sa.table("webhooks", sa.column("is_whole", sa.Boolean()))
    op.execute(webhooks.update().values(is_whole=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("webhooks", "is_whole")

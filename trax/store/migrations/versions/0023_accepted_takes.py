"""New speech that somebody has heard and accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "accepted_takes",
        sa.Column("recording_sha256", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("utterance", sa.String(), nullable=False),
        sa.Column("speech_sha256", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "recording_sha256",
            "account",
            "utterance",
            "speech_sha256",
            name="pk_trax_accepted_takes",
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("accepted_takes")

"""Answers of language models, and what they cost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "answers",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_trax_answers"),
    )
    op.create_index("ix_trax_answers_created_at", "answers", ["created_at"], unique=False)
    op.create_table(
        "spending",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_spending"),
    )
    op.create_index("ix_trax_spending_at", "spending", ["at"], unique=False)
    op.create_index("ix_trax_spending_job_id", "spending", ["job_id"], unique=False)


def downgrade() -> None:
    """Drop both tables, and their indexes with them."""
    op.drop_table("spending")
    op.drop_table("answers")

"""Transcripts that several people edit at once, and what they say about them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "documents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("opened_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saving_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_seq", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_documents"),
        sa.UniqueConstraint("transcript_id", name="uq_trax_documents_transcript_id"),
    )
    op.create_index("ix_trax_documents_used_at", "documents", ["used_at"])
    op.create_table(
        "document_states",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "room", name="pk_trax_document_states"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_trax_document_states_document_id_documents"
        ),
    )
    op.create_table(
        "document_updates",
        sa.Column("seq", _BIG, nullable=False, autoincrement=True),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_trax_document_updates"),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name="fk_trax_document_updates_document_id_documents",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_trax_document_updates_document_id", "document_updates", ["document_id"])
    op.create_table(
        "comments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("first_word", sa.String(), nullable=False),
        sa.Column("last_word", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("start", sa.Double(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("transcript_id", "id", name="pk_trax_comments"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("comments")
    op.drop_table("document_updates")
    op.drop_table("document_states")
    op.drop_table("documents")

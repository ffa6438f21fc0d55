"""Whose jobs and transcripts are, and folders that are shared."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns and the tables; what is there is nobody's."""
    op.add_column("jobs", sa.Column("account", sa.String(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("folder_id", sa.String(), nullable=True))
    op.create_index("ix_trax_jobs_account", "jobs", ["account"])
    op.create_index("ix_trax_jobs_folder_id", "jobs", ["folder_id"])
    op.add_column("tokens", sa.Column("account", sa.String(), nullable=False, server_default=""))
    _make_groups()
    _make_folders()
    _make_holdings()


def downgrade() -> None:
    """Remove them."""
    for table in ("holdings", "grants", "folders", "members", "groups"):
        op.drop_table(table)
    op.drop_column("tokens", "account")
    op.drop_index("ix_trax_jobs_folder_id", "jobs")
    op.drop_index("ix_trax_jobs_account", "jobs")
    op.drop_column("jobs", "folder_id")
    op.drop_column("jobs", "account")


def _make_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_groups"),
        sa.UniqueConstraint("name", name="uq_trax_groups_name"),
    )
    op.create_table(
        "members",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "user_id", name="pk_trax_members"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name="fk_trax_members_group_id_groups", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_trax_members_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_trax_members_user_id", "members", ["user_id"])


def _make_folders() -> None:
    op.create_table(
        "folders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_folders"),
    )
    op.create_index("ix_trax_folders_account", "folders", ["account"])
    op.create_table(
        "grants",
        sa.Column("folder_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("folder_id", "kind", "subject", name="pk_trax_grants"),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["folders.id"],
            name="fk_trax_grants_folder_id_folders",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_trax_grants_subject", "grants", ["subject"])


def _make_holdings() -> None:
    op.create_table(
        "holdings",
        sa.Column("transcript_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("folder_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("transcript_id", name="pk_trax_holdings"),
    )
    op.create_index("ix_trax_holdings_account", "holdings", ["account"])
    op.create_index("ix_trax_holdings_folder_id", "holdings", ["folder_id"])

"""Jobs of any pipeline, on a recording or on something else; what happens to them; cancelling."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COLUMN = "recording_sha256 VARCHAR"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column(
        "jobs", sa.Column("pipeline", sa.String(), nullable=False, server_default="transcribe")
    )
    op.add_column(
        "jobs", sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True)
    )
    _make_nullable(f"{_COLUMN} NOT NULL", _COLUMN)
    op.create_table(
        "job_events",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trax_job_events"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_trax_job_events_job_id_jobs"),
    )
    op.create_index("ix_trax_job_events_job_id", "job_events", ["job_id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    op.drop_table("job_events")
    _make_nullable(_COLUMN, f"{_COLUMN} NOT NULL", nullable=False)
    op.drop_column("jobs", "cancel_requested_at")
    op.drop_column("jobs", "pipeline")


def _make_nullable(before: str, after: str, *, nullable: bool = True) -> None:
    """Change whether a job needs a recording.

    SQLite cannot alter a column, and other tables refer to this one, so that it cannot be made
    anew: its definition is edited, as SQLite's documentation of ALTER TABLE allows for constraints.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column("jobs", "recording_sha256", nullable=nullable)
        return
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'jobs'"
        ),
        {"before": before, "after": after},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")

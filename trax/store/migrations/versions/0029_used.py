"""What stages used: processors, GPUs, disks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_TABLES = ("stage_runs", "stage_days")
_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "processor_seconds": sa.Double(),
    "gpu_busy_seconds": sa.Double(),
    "written_bytes": sa.BigInteger(),
}


def upgrade() -> None:
    """Add the columns; of earlier runs nothing is known."""
    for table in _TABLES:
        for name, kind in _COLUMNS.items():
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        for name in _COLUMNS:
            op.drop_column(table, name)

"""Which models stages ran with."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"

_NAME = "pk_trax_stage_days"
_KEY = ("day", "stage", "plan", "machine", "device")
_MOST = ("peak_memory_bytes", "peak_device_memory_bytes")
_HISTOGRAMS = ("took", "paces")
_SUMS = (
    *("runs", "cached", "skipped", "retries", "seconds", "audio_seconds"),
    *("processor_seconds", "gpu_busy_seconds", "written_bytes"),
)
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_DAYS = sa.table(
    "stage_days",
    sa.column("day", sa.Date()),
    *(sa.column(name) for name in (*_KEY[1:], "model", *_SUMS, *_MOST)),
    *(sa.column(name, _JSON) for name in _HISTOGRAMS),
)


def upgrade() -> None:
    """Tell sums of days apart by model, too; of earlier days it is not known."""
    with op.batch_alter_table("stage_days") as table:
        table.drop_constraint(_NAME, type_="primary")
        table.add_column(sa.Column("model", sa.String(), nullable=False, server_default=""))
        table.create_primary_key(_NAME, [*_KEY, "model"])


def downgrade() -> None:
    """Add up what was told apart by model alone."""
    connection = op.get_bind()
    columns = [_DAYS.c[name] for name in _KEY]
    rows = connection.execute(sa.select(_DAYS).order_by(*columns)).mappings().all()
    added_up = list(_added_up([dict(row) for row in rows]))
    connection.execute(_DAYS.delete())
    if added_up:
        connection.execute(_DAYS.insert(), added_up)
    with op.batch_alter_table("stage_days") as table:
        table.drop_constraint(_NAME, type_="primary")
        table.drop_column("model")
        table.create_primary_key(_NAME, list(_KEY))


def _added_up(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for key, group in groupby(rows, lambda row: tuple(row[name] for name in _KEY)):
        alike = list(group)
        made: dict[str, Any] = dict(zip(_KEY, key, strict=True)) | {"model": ""}
        made |= {name: sum(row[name] for row in alike) for name in _SUMS}
        made |= {name: max(row[name] for row in alike) for name in _MOST}
        for name in _HISTOGRAMS:
            counts: Counter[str] = Counter()
            for row in alike:
                counts.update(row[name])
            made[name] = dict(counts)
        yield made

"""Migrates tables that Trax 0.1 made before its schema had revisions."""

import json

from sqlalchemy import Connection, inspect, text

from trax.store.audit import read_moment
from trax.store.rows import add_version, put_recording
from trax.transcript import Transcript
from trax.transcript.codec import from_json

_TABLES = ("stage_runs", "transcripts", "recordings")


def is_early(connection: Connection) -> bool:
    """Whether a database has these tables."""
    found = inspect(connection)
    if not set(found.get_table_names()) >= set(_TABLES):
        return False
    columns = {column["name"] for column in found.get_columns("transcripts")}
    return "document" in columns and "version" not in columns


def park(connection: Connection) -> None:
    """Rename the tables; nothing else uses the names of their indexes."""
    for table in _TABLES:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO early_{table}")


def bring(connection: Connection) -> None:
    """Migrate every transcript as a first version, then drop the renamed tables and with them the
    stage runs, which belong to no job.
    """
    rows = connection.execute(
        text("SELECT id, document, created_at FROM early_transcripts ORDER BY created_at, id")
    )
    for row in rows.mappings().all():
        kept = row["document"] if isinstance(row["document"], str) else json.dumps(row["document"])
        document = from_json(Transcript, kept.encode(), f"transcript {row['id']}")
        recording = document.recording
        put_recording(
            connection, recording.sha256, recording.name, recording.size_bytes, recording.duration
        )
        add_version(connection, document, None, created_at=read_moment(row["created_at"]))
    for table in _TABLES:
        connection.exec_driver_sql(f"DROP TABLE early_{table}")

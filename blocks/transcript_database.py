"""Trax's database as a block."""

from prefect.blocks.core import Block
from pydantic import ConfigDict

from trax.servers import DatabaseConfig
from trax.store import Database
from trax.store.database import server_url


class TranscriptDatabase(DatabaseConfig, Block):
    """The Postgres database with transcripts and jobs; `trax db upgrade` makes its tables.

    Example:
        ```
        TRAX_DATABASE_BLOCK=main
        ```
    """

    model_config = ConfigDict(frozen=False)

    _block_type_name = "Trax Transcript Database"
    _block_type_slug = "trax-transcript-database"
    _description = "Keeps transcripts, jobs and the audit log of Trax in Postgres."

    def database(self) -> Database:
        """The database."""
        return Database(server_url(self))

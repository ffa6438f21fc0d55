"""Trax's database as a block."""

from prefect.blocks.core import Block
from pydantic import Field, SecretStr
from sqlalchemy.engine import URL

from trax.store import Database


class TranscriptDatabase(Block):
    """The Postgres database with transcripts and jobs; `trax db upgrade` makes its tables.

    Example:
        ```
        TRAX_DATABASE_BLOCK=main
        ```
    """

    _block_type_name = "Trax Transcript Database"
    _block_type_slug = "trax-transcript-database"
    _description = "Keeps transcripts, jobs and the audit log of Trax in Postgres."

    host: str = Field(
        description="Where the server is; a folder for a local socket.", examples=["postgres"]
    )
    port: int = Field(5432, ge=1, le=65535, description="Port of the server.")
    name: str = Field("trax", description="Name of the database.")
    user: str = Field("trax", description="Name of the user.")
    password: SecretStr = Field(SecretStr(""), description="Password of the user.")
    tls: str = Field(
        "prefer", description="libpq's sslmode: disable, prefer, require, verify-full."
    )

    def database(self) -> Database:
        """The database."""
        url = URL.create(
            "postgresql",
            username=self.user,
            password=self.password.get_secret_value() or None,
            port=self.port,
            database=self.name,
            query={"host": self.host, "sslmode": self.tls},
        )
        return Database(url.render_as_string(hide_password=False))

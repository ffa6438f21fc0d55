"""New SQLite databases without running every migration each time, which takes half a second."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache, wraps
from pathlib import Path
from tempfile import TemporaryDirectory

from trax.store import Database, schema


@cache
def statements() -> tuple[str, ...]:
    """What makes the tables, and what the migrations note in them."""
    with TemporaryDirectory(prefix="trax-tables-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'trax.db'}")
        database.upgrade()
        database.close()
        with closing(sqlite3.connect(str(database.name))) as connection:
            return (*made(connection), *noted(connection))


def made(connection: sqlite3.Connection) -> list[str]:
    """Statements of tables, indexes and triggers; a search index makes its own tables."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    indexes = tuple(f"{name}_" for name, sql in found if sql.startswith("CREATE VIRTUAL"))
    return [sql for name, sql in found if not name.startswith((*indexes, "sqlite_"))]


def noted(connection: sqlite3.Connection) -> list[str]:
    """The rows of a new database."""
    dumped = connection.iterdump()
    kept = ('INSERT INTO "trax_schema"', 'INSERT INTO "audit_log"')
    return [statement for statement in dumped if statement.startswith(kept)]


def quickly(upgrade: Callable[[Database], None]) -> Callable[[Database], None]:
    """*upgrade*, but an empty database gets its tables by `statements`."""

    @wraps(upgrade)
    def bring(self: Database) -> None:
        script = statements()
        with self._changing_schema() as connection:
            if schema.revision(connection) == "empty":
                for statement in script:
                    connection.exec_driver_sql(statement)
                return
        upgrade(self)

    return bring

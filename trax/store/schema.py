"""The schema's revisions: which one a database has, and the way to this library's."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from trax.errors import SchemaMismatch, SchemaOutdated, StoreError
from trax.store import early, v1
from trax.store.audit import add_entry

if TYPE_CHECKING:  # Alembic is only for changing a schema: a glance at its revision is cheaper
    from alembic.config import Config

NEWEST = "0032"
"""The revision this library works with: that of the last of its migrations."""

VERSION_TABLE = "trax_schema"

_OLDER = {"v1": v1, "early": early}


_OTHER_PROGRAM = "the database holds tables of another program; give Trax a database of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChange:
    """What changing a database's schema did.

    Attributes:
        before: the revision found: ``empty``, ``v1``, ``early``, or a number.
        after: the revision reached.
        report: of the data brought along from v1; ``None`` where there was none.
    """

    before: str
    after: str
    report: v1.Report | None = field(default=None)


def revision(connection: Connection) -> str:
    """The revision of a database: ``empty``, ``v1``, ``early``, ``unknown``, or Alembic's."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        query = f"SELECT version_num FROM {VERSION_TABLE}"
        if found := connection.exec_driver_sql(query).scalar():
            return str(found)
    if v1.is_v1(connection):
        return "v1"
    if early.is_early(connection):
        return "early"
    return "unknown" if tables & {"recordings", "transcripts", "jobs"} else "empty"


def mismatch(connection: Connection) -> SchemaMismatch | None:
    """The error that says why a database cannot be used as it is; ``None`` if it can."""
    found = revision(connection)
    if found == NEWEST:
        return None
    if found == "empty":
        return SchemaOutdated("the database has no tables yet")
    if found == "unknown":
        return SchemaMismatch(_OTHER_PROGRAM)
    if found not in _known() | {"v1", "early"}:
        return SchemaMismatch(
            f"the database is at revision {found}, made by a newer Trax; this one knows {NEWEST}"
        )
    return SchemaOutdated(f"the database is at revision {found} and must be at {NEWEST}")


def is_simple_to_upgrade(connection: Connection) -> bool:
    """Whether a database is new or of an earlier release that migrations alone bring up to date."""
    found = revision(connection)
    return found == "empty" or (found != NEWEST and found in _known())


def upgrade(connection: Connection, *, keep: bool = True) -> SchemaChange:
    """Bring a database to this library's schema, data of v1 included, in the transaction of
    *connection*.

    Without *keep* everything is done and checked, then undone: a dry run.

    Raises:
        StoreError: the tables are of another program, or data of v1 did not arrive whole.
    """
    from alembic import command

    before = revision(connection)
    if before == NEWEST:
        return SchemaChange(before=before, after=before)
    if before == "unknown":
        raise StoreError(_OTHER_PROGRAM)
    report = None
    if before in _OLDER:
        _OLDER[before].park(connection)
    command.upgrade(_config(connection), "head")
    if before == "early":
        early.bring(connection)
    if before == "v1":
        report = v1.bring(connection)
        if not report.valid:
            raise StoreError(
                f"data of v1 did not arrive whole, so nothing was changed: {report.faults[0]}"
            )
    add_entry(
        connection,
        "database.upgraded",
        NEWEST,
        before=before,
        **(report.counts if report else {}),
    )
    if not keep:
        connection.rollback()
    return SchemaChange(before=before, after=NEWEST, report=report)


def back_to_v1(connection: Connection, *, discard: bool = False) -> v1.Report:
    """Undo the upgrade from v1: its tables come back as they were.

    Raises:
        StoreError: the database did not come from v1, or *discard* is not set and it holds newer
            transcripts.
    """
    from alembic import command

    if not v1.is_parked(connection):
        raise StoreError("this database was not upgraded from v1: there is nothing to go back to")
    newer = v1.newer_transcripts(connection)
    if newer and not discard:
        raise StoreError(f"{newer} transcripts were made since, which going back would discard")
    command.downgrade(_config(connection), "base")
    connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
    return v1.unpark(connection)


def _known() -> set[str]:
    """Every revision that this library has migrations for."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config())
    return {script.revision for script in scripts.walk_revisions()}


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    config.attributes["connection"] = connection
    return config

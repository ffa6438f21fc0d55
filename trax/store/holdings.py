"""How much is stored of each kind, day by day (UTC)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text

from trax.store.database import Database
from trax.store.figure_tables import StorageDayRow
from trax.store.rows import read_row, upsert

_FILE_SIZE = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageDay:
    """What was stored of one kind, as it was counted on one day.

    Attributes:
        machine: on whose disk; empty for what all machines share.
        objects: how many there were.
    """

    day: date
    machine: str
    kind: str
    objects: int
    size_bytes: int


_COLUMNS = tuple(StorageDay.__dataclass_fields__)


class Holdings:
    """Reads and keeps what was counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def between(self, since: date, until: date) -> list[StorageDay]:
        """What was counted from *since* to *until*, both included."""
        query = select(StorageDayRow).where(StorageDayRow.day.between(since, until))
        with self._database.reading() as session:
            return [read_row(StorageDay, row) for row in session.scalars(query)]

    def is_counted(self, day: date, machine: str) -> bool:
        """Whether anything is kept of that day and machine."""
        query = select(StorageDayRow.day).where(
            StorageDayRow.day == day, StorageDayRow.machine == machine
        )
        with self._database.reading() as session:
            return session.scalar(query.limit(1)) is not None

    def keep(self, found: Iterable[StorageDay]) -> None:
        """Keep what was counted; what somebody else has kept of the same day stays."""
        rows = [{name: getattr(each, name) for name in _COLUMNS} for each in found]
        if not rows:
            return
        with self._database.writing() as session:
            session.execute(upsert(session, StorageDayRow).on_conflict_do_nothing(), rows)


def database_bytes(database: Database) -> int:
    """How much the database takes on its disk, without what it has not yet written back."""
    with database.reading() as session:
        if database.kind == "postgresql":
            size = session.scalar(select(func.pg_database_size(func.current_database())))
        else:
            size = session.scalar(_FILE_SIZE)
    return int(size or 0)

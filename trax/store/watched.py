"""Files of watched folders, in the database."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select

from trax.store.database import Database
from trax.store.rows import read_row, upsert
from trax.store.tables import WatchedRow, utc_now


class WatchedState(StrEnum):
    """The state of a file."""

    SEEN = "seen"
    """The file may still grow."""
    HELD = "held"
    """The file is whole, but something else prevents its transcription."""
    SUBMITTED = "submitted"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFile:
    """A file of a watched folder.

    Attributes:
        folder: the watched folder's name.
        path: path below the folder, with ``/``.
        stamp: differs if the file has changed.
        seen_at: time at which it was first seen with that stamp.
        job_id: id of the job that its content and its folder's options make.
        run: id of the run that transcribes it.
        submissions: number of times that it was submitted.
        attempts: attempts at the job before it was submitted.
        reason: why it failed or is held.
        place: address to which it was moved.
    """

    folder: str
    path: str
    stamp: str
    state: WatchedState
    seen_at: datetime = field(default_factory=utc_now)
    job_id: str = ""
    run: str = ""
    submissions: int = 0
    attempts: int = 0
    reason: str = ""
    place: str = ""
    updated_at: datetime = field(default_factory=utc_now)


_KEY = ["folder", "path"]
_OPEN = (WatchedState.SEEN, WatchedState.HELD, WatchedState.SUBMITTED)


class WatchedRepository:
    """Keeps and finds files of watched folders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unfinished(self, folder: str) -> dict[str, WatchedFile]:
        """Files that are neither done nor failed, by path."""
        query = select(WatchedRow).where(WatchedRow.folder == folder, WatchedRow.state.in_(_OPEN))
        with self._database.reading() as session:
            return {row.path: _file(row) for row in session.scalars(query)}

    def newest(self, folder: str, most: int) -> list[WatchedFile]:
        """The files that changed last, newest first."""
        query = select(WatchedRow).where(WatchedRow.folder == folder)
        with self._database.reading() as session:
            rows = session.scalars(
                query.order_by(WatchedRow.updated_at.desc(), WatchedRow.path).limit(most)
            )
            return [_file(row) for row in rows]

    def counts(self, folder: str) -> dict[str, int]:
        """The number of files in each state."""
        query = (
            select(WatchedRow.state, func.count())
            .where(WatchedRow.folder == folder)
            .group_by(WatchedRow.state)
        )
        with self._database.reading() as session:
            return {state: int(count) for state, count in session.execute(query).all()}

    def put(self, files: Iterable[WatchedFile]) -> None:
        """Insert files, or replace what was known of them."""
        rows = [asdict(file) | {"updated_at": utc_now()} for file in files]
        if not rows:
            return
        with self._database.writing() as session:
            statement = upsert(session, WatchedRow)
            names = set(rows[0]) - set(_KEY)
            changed = {name: statement.excluded[name] for name in names}
            statement = statement.on_conflict_do_update(index_elements=_KEY, set_=changed)
            session.execute(statement, rows)

    def forget(self, folder: str, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        with self._database.writing() as session:
            for path in paths:
                session.execute(
                    delete(WatchedRow).where(WatchedRow.folder == folder, WatchedRow.path == path)
                )


def _file(row: WatchedRow) -> WatchedFile:
    return read_row(WatchedFile, row, state=WatchedState(row.state))

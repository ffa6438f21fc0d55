"""Transcripts that several people edit at once: what each of them changed, committed before anybody
else sees it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from trax.store.database import Database
from trax.store.document_leases import gone
from trax.store.document_tables import DocumentRow, DocumentStateRow, DocumentUpdateRow
from trax.store.revisions import Author
from trax.store.rows import upsert

CHANNEL = "trax_documents"
"""On which a Postgres tells of updates."""

SNAPSHOT = 200
"""Updates of a room after which its state takes their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDocument:
    """The document that several people share of a transcript.

    Attributes:
        opened_version: of the transcript, that it was made of.
        saved_seq: number of the last update that a version has.
    """

    id: str
    transcript_id: str
    opened_version: int
    saved_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUpdate:
    """What somebody changed in a room.

    Attributes:
        seq: its number; 0 before it is kept.
    """

    room: str
    data: bytes
    author: Author
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """All rooms of a document.

    Attributes:
        states: the state of each room from which updates go on.
        updates: those that are no state yet, in order.
    """

    states: Mapping[str, bytes]
    updates: Sequence[RoomUpdate]

    @property
    def seq(self) -> int:
        """The number of the newest update."""
        return self.updates[-1].seq if self.updates else 0


class DocumentRepository:
    """Keeps shared documents in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """Where they are kept."""
        return self._database

    def find(self, transcript_id: str) -> SharedDocument | None:
        """The shared document of a transcript; ``None`` if there is none."""
        query = select(DocumentRow).where(DocumentRow.transcript_id == transcript_id)
        with self._database.reading() as session:
            row = session.scalar(query)
        return None if row is None else _document(row)

    def get(self, document_id: str) -> SharedDocument:
        """The shared document with an id.

        Raises:
            NotFound: there is none.
        """
        with self._database.reading() as session:
            row = session.get(DocumentRow, document_id)
        if row is None:
            raise gone(document_id)
        return _document(row)

    def add(self, transcript_id: str, version: int, rooms: Mapping[str, bytes]) -> SharedDocument:
        """Keep a new document of a version, unless the transcript has one; gives the one that it
        has.
        """
        with self._database.writing() as session:
            values = {
                "id": uuid4().hex,
                "transcript_id": transcript_id,
                "opened_version": version,
                "saved_seq": 0,
            }
            made = upsert(session, DocumentRow).values(**values)
            made = made.on_conflict_do_nothing(index_elements=[DocumentRow.transcript_id])
            session.execute(made)
            row = session.scalars(
                select(DocumentRow).where(DocumentRow.transcript_id == transcript_id)
            ).one()
            if row.id == values["id"]:
                states = [
                    {"document_id": row.id, "room": room, "data": data}
                    for room, data in rooms.items()
                ]
                session.execute(insert(DocumentStateRow), states)
            return _document(row)

    def put(
        self,
        document_id: str,
        updates: Sequence[RoomUpdate],
        origin: str = "",
        fence: Callable[[Session], None] | None = None,
    ) -> list[RoomUpdate]:
        """Keep updates in one transaction; gives them with their numbers. Other services hear of
        them.

        Args:
            origin: names whoever keeps them, who need not hear of them.
            fence: called in the transaction; what it raises leaves everything as it is.

        Raises:
            NotFound: the document is gone.
        """
        with self._database.writing() as session:
            if fence is not None:
                fence(session)
            _check_there(session, document_id)
            kept = []
            for each in updates:
                row = DocumentUpdateRow(
                    document_id=document_id,
                    room=each.room,
                    data=each.data,
                    author_id=each.author.id,
                    author=each.author.name,
                )
                session.add(row)
                session.flush()
                kept.append(_numbered(each, row.seq))
            self._tell(session, document_id, [each.seq for each in kept], origin)
        return kept

    def rooms(self, document_id: str) -> list[str]:
        """The rooms that a document began with."""
        query = select(DocumentStateRow.room).where(DocumentStateRow.document_id == document_id)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def load(self, document_id: str, room: str = "") -> Kept:
        """All that is kept of a document, or of one room.

        Raises:
            NotFound: it is gone.
        """
        self.get(document_id)
        states = select(DocumentStateRow).where(DocumentStateRow.document_id == document_id)
        # Updates first: one that becomes a state in between is then in both, and not in neither.
        updates = self.since(document_id, 0, room)
        if room:
            states = states.where(DocumentStateRow.room == room)
        with self._database.reading() as session:
            found = {row.room: row.data for row in session.scalars(states)}
        return Kept(found, updates)

    def since(self, document_id: str, seq: int, room: str = "") -> list[RoomUpdate]:
        """The updates after one, in order; those of one room, if it is named."""
        query = (
            select(DocumentUpdateRow)
            .where(DocumentUpdateRow.document_id == document_id, DocumentUpdateRow.seq > seq)
            .order_by(DocumentUpdateRow.seq)
        )
        if room:
            query = query.where(DocumentUpdateRow.room == room)
        with self._database.reading() as session:
            return [_update(row) for row in session.scalars(query)]

    def some(self, document_id: str, numbers: Sequence[int]) -> list[RoomUpdate]:
        """The updates with these numbers that are no state yet."""
        query = (
            select(DocumentUpdateRow)
            .where(DocumentUpdateRow.document_id == document_id, DocumentUpdateRow.seq.in_(numbers))
            .order_by(DocumentUpdateRow.seq)
        )
        with self._database.reading() as session:
            return [_update(row) for row in session.scalars(query)]

    def compact(self, document_id: str, merged: Callable[[Sequence[bytes]], bytes]) -> bool:
        """Put states in the place of updates that a version has, where there are many; whether that
        was done.

        Args:
            merged: makes one update of a state and updates.
        """
        with self._database.writing() as session:
            document = session.scalars(
                select(DocumentRow).where(DocumentRow.id == document_id).with_for_update()
            ).one_or_none()
            if document is None:
                return False
            mine = (
                DocumentUpdateRow.document_id == document_id,
                DocumentUpdateRow.seq <= document.saved_seq,
            )
            rows = session.scalars(
                select(DocumentUpdateRow).where(*mine).order_by(DocumentUpdateRow.seq)
            ).all()
            if len(rows) < SNAPSHOT:
                return False
            for room in sorted({row.room for row in rows}):
                _compact_room(session, document_id, room, rows, merged)
            numbers = [row.seq for row in rows]
            for first in range(0, len(numbers), SNAPSHOT):
                some = numbers[first : first + SNAPSHOT]
                session.execute(delete(DocumentUpdateRow).where(DocumentUpdateRow.seq.in_(some)))
        return True

    def unsaved(self, age: timedelta = timedelta(0)) -> list[SharedDocument]:
        """Documents with updates that no version has, though they are of this age."""
        query = (
            select(DocumentRow)
            .join(DocumentUpdateRow, DocumentUpdateRow.document_id == DocumentRow.id)
            .where(DocumentUpdateRow.seq > DocumentRow.saved_seq)
            .distinct()
        )
        with self._database.reading() as session:
            old = DocumentUpdateRow.at <= self._database.now(session) - age
            return [_document(row) for row in session.scalars(query.where(old))]

    def drop_unused(self, before: datetime) -> int:
        """Drop documents that nobody has used since, and that are saved; gives how many."""
        newer = select(DocumentUpdateRow.document_id).where(
            DocumentUpdateRow.document_id == DocumentRow.id,
            DocumentUpdateRow.seq > DocumentRow.saved_seq,
        )
        query = select(DocumentRow.id).where(DocumentRow.used_at < before, ~newer.exists())
        with self._database.writing() as session:
            found = session.scalars(query).all()
            for table in (DocumentUpdateRow, DocumentStateRow):
                session.execute(delete(table).where(table.document_id.in_(found)))
            session.execute(delete(DocumentRow).where(DocumentRow.id.in_(found)))
        return len(found)

    def tell(self, payload: str) -> None:
        """Tell other services something."""
        if self._database.kind == "postgresql":
            with self._database.writing() as session:
                _notify(session, payload)

    def _tell(
        self, session: Session, document_id: str, numbers: Sequence[int], origin: str
    ) -> None:
        """Tell other services, once this is committed."""
        if self._database.kind != "postgresql":
            return
        for first in range(0, len(numbers), SNAPSHOT):
            some = numbers[first : first + SNAPSHOT]
            payload = json.dumps([origin, document_id, list(some)])
            _notify(session, payload)


def _notify(session: Session, payload: str) -> None:
    values = {"channel": CHANNEL, "payload": payload}
    session.execute(text("select pg_notify(:channel, :payload)"), values)


def _check_there(session: Session, document_id: str) -> None:
    if session.get(DocumentRow, document_id) is None:
        raise gone(document_id)


def _compact_room(
    session: Session,
    document_id: str,
    room: str,
    rows: Sequence[DocumentUpdateRow],
    merged: Callable[[Sequence[bytes]], bytes],
) -> None:
    state = session.get(DocumentStateRow, (document_id, room))
    data = [row.data for row in rows if row.room == room]
    if state is None:
        session.add(DocumentStateRow(document_id=document_id, room=room, data=merged(data)))
    else:
        state.data = merged([state.data, *data])


def _document(row: DocumentRow) -> SharedDocument:
    return SharedDocument(
        id=row.id,
        transcript_id=row.transcript_id,
        opened_version=row.opened_version,
        saved_seq=row.saved_seq,
    )


def _numbered(update: RoomUpdate, seq: int) -> RoomUpdate:
    return RoomUpdate(room=update.room, data=update.data, author=update.author, seq=seq)


def _update(row: DocumentUpdateRow) -> RoomUpdate:
    author = Author(row.author_id, row.author)
    return RoomUpdate(room=row.room, data=row.data, author=author, seq=row.seq)

"""Who saves a shared document: one at a time, for as long as they say that they are there."""

from datetime import timedelta

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from trax.errors import Busy, NotFound
from trax.store.database import Database
from trax.store.document_tables import DocumentRow


class DocumentLeases:
    """Leases of shared documents. *holder* names whoever has one, by a name used only once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, document_id: str, holder: str, duration: timedelta) -> bool:
        """Have a document for oneself; false if somebody else has it."""
        with self._database.writing() as session:
            now = self._database.now(session)
            free = or_(DocumentRow.saving_until.is_(None), DocumentRow.saving_until < now)
            taken = (
                update(DocumentRow)
                .where(DocumentRow.id == document_id, free)
                .values(saving_by=holder, saving_until=now + duration, used_at=now)
            )
            return bool(session.execute(taken).rowcount)  # type: ignore[attr-defined]

    def renew(self, document_id: str, holder: str, duration: timedelta) -> bool:
        """Go on having it; false if it was given back, or somebody else took it meanwhile."""
        with self._database.writing() as session:
            renewed = (
                update(DocumentRow)
                .where(DocumentRow.id == document_id, DocumentRow.saving_by == holder)
                .values(saving_until=self._database.now(session) + duration)
            )
            return bool(session.execute(renewed).rowcount)  # type: ignore[attr-defined]

    def give_back(self, document_id: str, holder: str, saved_seq: int) -> None:
        """Let others have it; a version has its updates up to *saved_seq*."""
        newer = case((DocumentRow.saved_seq < saved_seq, saved_seq), else_=DocumentRow.saved_seq)
        own = (DocumentRow.id == document_id, DocumentRow.saving_by == holder)
        values = {"saving_by": "", "saving_until": None, "saved_seq": newer}
        with self._database.writing() as session:
            session.execute(update(DocumentRow).where(*own).values(**values))


def gone(document_id: str) -> NotFound:
    """The error that there is no such document."""
    return NotFound("document", document_id, "it was replaced: open the transcript again")


def check_held(session: Session, document_id: str, holder: str) -> None:
    """Refuse to go on with what somebody else does by now; until *session* ends nobody takes it.

    Raises:
        Busy: the lease is over, and somebody else took it.
        NotFound: the document is gone.
    """
    query = select(DocumentRow.saving_by).where(DocumentRow.id == document_id)
    held_by = session.scalar(query.with_for_update())
    if held_by is None:
        raise gone(document_id)
    if held_by != holder:
        raise Busy("somebody else saves this document", 1)

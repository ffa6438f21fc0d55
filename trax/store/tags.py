"""Words by which people find transcripts again; each change is in the audit log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, select
from sqlalchemy.orm import Session

from trax.store.account_tables import HoldingRow, TagRow
from trax.store.audit import add_entry
from trax.store.database import Database
from trax.store.sight import Sight, seen_holding
from trax.store.tables import TranscriptRow


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, and how many transcripts have it."""

    name: str
    count: int


class TagRepository:
    """Keeps and finds tags."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, transcript_id: str, names: Collection[str]) -> None:
        """Have a transcript have these tags, and no others."""
        rows = [{"transcript_id": transcript_id, "key": key_of(n), "name": n} for n in names]
        with self._database.writing() as session:
            session.execute(_held(transcript_id))
            session.execute(delete(TagRow).where(TagRow.transcript_id == transcript_id))
            if rows:
                session.execute(insert(TagRow), rows)
            add_entry(session, "transcript.tagged", transcript_id, tags=len(rows))

    def of(self, transcript_id: str) -> tuple[str, ...]:
        """The tags of a transcript, by name."""
        with self._database.reading() as session:
            return tags_of(session, [transcript_id]).get(transcript_id, ())

    def all(self, sight: Sight) -> list[Tag]:
        """The tags of the transcripts that somebody sees, by name."""
        query = select(func.min(TagRow.name), func.count()).group_by(TagRow.key)
        if not sight.is_whole:
            held = HoldingRow.transcript_id == TagRow.transcript_id
            query = query.outerjoin(HoldingRow, held).where(seen_holding(sight))
        with self._database.reading() as session:
            rows = session.execute(query.order_by(TagRow.key)).tuples()
            return [Tag(name, count) for name, count in rows]


def _held(transcript_id: str) -> Select[tuple[str]]:
    """A transcript's rows, for which whoever tags it in the same moment waits."""
    return select(TranscriptRow.id).where(TranscriptRow.id == transcript_id).with_for_update()


def key_of(name: str) -> str:
    """What two spellings of a tag have in common."""
    return name.casefold()


def tags_of(session: Session, transcripts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The tags of each transcript that has some, by name."""
    query = select(TagRow).where(TagRow.transcript_id.in_(transcripts)).order_by(TagRow.key)
    found: dict[str, tuple[str, ...]] = {}
    for row in session.scalars(query):
        found[row.transcript_id] = (*found.get(row.transcript_id, ()), row.name)
    return found


def is_tagged(name: str) -> ColumnElement[bool]:
    """Whether a transcript of a list has a tag."""
    same = (TagRow.transcript_id == TranscriptRow.id, TagRow.key == key_of(name))
    return exists().where(*same)

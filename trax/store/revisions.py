"""What people changed in transcripts, in a database: every change for ever, documents as needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from trax.errors import NotFound
from trax.revision import Operation, operation_from
from trax.store.audit import actor, add_entry
from trax.store.database import Database
from trax.store.replay import as_json
from trax.store.revision_tables import RevisionRow
from trax.store.rows import add_version, put_recording, read_row
from trax.store.tables import TranscriptRow
from trax.store.transcripts import TranscriptRepository, check_newest, voices_of
from trax.transcript import Transcript

SNAPSHOT = 50
"""Every so many versions one keeps its document, so that others are soon made again."""


class RevisionKind(StrEnum):
    """What made somebody's version."""

    EDIT = "edit"
    UNDO = "undo"
    """One earlier change was taken back."""
    RESTORE = "restore"
    """Everything is as it was in an earlier version."""
    REMOVED = "removed"
    """Text that recognition took out was put back."""
    MODEL_UNDONE = "model_undone"
    """Edits of a language model were taken back."""
    CARRIED = "carried"
    """What people had done to another transcript of the recording was done to this one."""
    TRANSLATED = "translated"
    """Segments were translated again."""
    NAMES = "names"
    """Names that a language model proposed were accepted."""


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever changes something.

    Attributes:
        id: what they are known by here; empty for whoever works on this machine itself.
        name: for people.
    """

    id: str
    name: str


def author_here() -> Author:
    """The user that this process runs for."""
    return Author("", actor())


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What somebody changed.

    Attributes:
        version: that the change made.
        base_version: that it was made on.
        author: whoever made it; if they were several, nobody's id and all names.
        authors: all who made it.
        name: that people gave this version; ``None`` if they gave none.
        restored: the version that everything is as in since; ``None`` if none was restored.
        operations: what was done, in order; ``None`` where no operations say it.
        inverse: what takes it back, in order.
    """

    transcript_id: str
    version: int
    base_version: int
    kind: RevisionKind
    author: Author
    authors: tuple[Author, ...]
    at: datetime
    name: str | None
    restored: int | None
    operations: tuple[Operation, ...] | None
    inverse: tuple[Operation, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change to be kept.

    Attributes:
        document: what the transcript is afterwards.
        authors: all who make it, if they are several.
        operations: what was done; ``None`` where no operations say it.
        inverse: what takes it back.
        name: for the version.
        restored: the version that the document is that of; ``None`` if it is of none.
    """

    document: Transcript
    kind: RevisionKind
    author: Author
    authors: Sequence[Author] = ()
    operations: Sequence[Operation] | None = None
    inverse: Sequence[Operation] | None = None
    name: str | None = None
    restored: int | None = None


class RevisionRepository:
    """Keeps and finds what people changed.

    Attributes:
        transcripts: what they change.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.transcripts = TranscriptRepository(database)

    def save(
        self, change: Change, base_version: int, fence: Callable[[Session], None] | None = None
    ) -> Revision:
        """Keep a change as a new version, in one transaction.

        The document of the version before it is dropped if operations make it again, nobody named
        it, no job made it, and it is not one of those that are kept to be quick.

        Args:
            fence: called in the transaction; what it raises leaves everything as it is.

        Raises:
            Conflict: the newest version is another than *base_version*.
        """
        transcript = change.document
        with self._database.writing() as session:
            if fence is not None:
                fence(session)
            recording = transcript.recording
            # Other writers of this transcript wait for this row.
            put_recording(
                session, recording.sha256, recording.name, recording.size_bytes, recording.duration
            )
            check_newest(session, transcript.id, base_version)
            voices = voices_of(session, transcript.id, base_version)
            goes = _may_go(session, transcript.id, base_version)
            version = add_version(
                session,
                transcript.with_voices(voices),
                None,
                former=base_version if goes else None,
            )
            digest = _digest(session, transcript.id, version)
            fixed = {"base_version": base_version, "at": self._database.now(session)}
            row = insert(RevisionRow).values(version=version, digest=digest, **fixed)
            session.execute(row.values(_values(change)))
            if goes:
                _drop(session, transcript.id, base_version)
        key = (transcript.id, version, digest or "")
        self._database.memory.put(key, transcript.with_voices({}))
        return self.get(transcript.id, version)

    def get(self, reference: str, version: int) -> Revision:
        """The change that made a version.

        Raises:
            NotFound: there is no such transcript, or nobody's change made that version.
        """
        transcript = self.transcripts.versions(reference)[0].id
        with self._database.reading() as session:
            row = session.get(RevisionRow, (transcript, version))
        if row is None:
            raise NotFound("revision", str(version), f"no change made it of {transcript}")
        return _revision(row)

    def newest(self, reference: str, most: int = 50, before: int | None = None) -> list[Revision]:
        """At most *most* changes, the newest first.

        Args:
            before: only those that made an earlier version than this.

        Raises:
            NotFound: there is no such transcript.
        """
        query = select(RevisionRow).where(
            RevisionRow.transcript_id == self.transcripts.versions(reference)[0].id
        )
        if before is not None:
            query = query.where(RevisionRow.version < before)
        query = query.order_by(RevisionRow.version.desc()).limit(most)
        with self._database.reading() as session:
            return [_revision(row) for row in session.scalars(query)]

    def revised(self, most: int = 500) -> list[str]:
        """Ids of transcripts that people changed, the one that was changed last first."""
        last = func.max(RevisionRow.at)
        query = select(RevisionRow.transcript_id).group_by(RevisionRow.transcript_id)
        query = query.order_by(last.desc(), RevisionRow.transcript_id).limit(most)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def since(self, reference: str, version: int) -> list[Revision]:
        """The changes after *version*, oldest first."""
        newest = self.newest(reference, _ALL)
        return [each for each in reversed(newest) if each.version > version]

    def rename(self, reference: str, version: int, name: str | None) -> Revision:
        """Name the version that a change made; ``None`` takes the name away.

        The newest version can be named, or any that has its document: a named one keeps it.

        Raises:
            NotFound: nobody's change made that version.
        """
        found = self.get(reference, version)
        key = (
            RevisionRow.transcript_id == found.transcript_id,
            RevisionRow.version == version,
        )
        with self._database.writing() as session:
            session.execute(update(RevisionRow).where(*key).values(name=name))
            add_entry(session, "revision.named", found.transcript_id, version=version)
        return self.get(found.transcript_id, version)


_ALL = 1_000_000


def _may_go(session: Session, transcript: str, version: int) -> bool:
    """Whether a version is made again by its change, and nothing speaks for keeping it whole."""
    row = session.get(RevisionRow, (transcript, version))
    if row is None or row.operations is None or row.name:
        return False
    return version % SNAPSHOT != 0


def _drop(session: Session, transcript: str, version: int) -> None:
    """Drop the document of a version."""
    session.execute(
        delete(TranscriptRow).where(
            TranscriptRow.id == transcript, TranscriptRow.version == version
        )
    )


def _digest(session: Session, transcript: str, version: int) -> str | None:
    """The digest of a version's document."""
    return session.scalar(
        select(TranscriptRow.digest).where(
            TranscriptRow.id == transcript, TranscriptRow.version == version
        )
    )


def _values(change: Change) -> dict[str, object]:
    """What a row says of a change itself."""
    return {
        "transcript_id": change.document.id,
        "kind": _kind(change),
        "author_id": change.author.id,
        "author": change.author.name,
        "authors": [[each.id, each.name] for each in change.authors] or None,
        "name": change.name,
        "operations": _kept(change.operations),
        "inverse": _kept(change.inverse),
    }


def _kept(operations: Sequence[Operation] | None) -> object:
    if operations is None:
        return None
    return [as_json(each) for each in operations]


def _kind(change: Change) -> str:
    """A change's kind as it is kept, with the version that was restored."""
    return change.kind if change.restored is None else f"{change.kind} {change.restored}"


def _revision(row: RevisionRow) -> Revision:
    kind, _, restored = row.kind.partition(" ")
    author = Author(row.author_id, row.author)
    return read_row(
        Revision,
        row,
        kind=RevisionKind(kind),
        restored=int(restored) if restored else None,
        author=author,
        authors=tuple(Author(*each) for each in row.authors or ()) or (author,),
        operations=_read(row.operations, row.version),
        inverse=_read(row.inverse, row.version),
    )


def _read(raw: list[object] | None, version: int) -> tuple[Operation, ...] | None:
    if raw is None:
        return None
    return tuple(operation_from(each, f"revision {version}") for each in raw)

"""Recordings that people handed in, in the database."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import String, cast, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from trax.errors import NotFound
from trax.store.database import Database
from trax.store.rows import read_row
from trax.store.tables import JobRow, UploadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A recording that was handed in.

    Attributes:
        id: cannot be guessed.
        owner: whoever handed it in.
        source: where it is kept, as a job names it; empty until all its bytes are there.
        sha256: of its bytes; empty until all are there.
        expires_at: when it is forgotten; jobs made of it stay.
    """

    id: str
    owner: str
    name: str
    source: str
    sha256: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime


class UploadRepository:
    """Keeps and finds uploads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, upload: Upload) -> None:
        """Keep an upload."""
        with self._database.writing() as session:
            _lock(session, upload.source)
            session.execute(insert(UploadRow).values(asdict(upload)))

    def get(self, upload_id: str, owner: str) -> Upload:
        """The upload *upload_id* of *owner*.

        Raises:
            NotFound: they have none of that id.
        """
        with self._database.reading() as session:
            row = session.get(UploadRow, upload_id)
        if row is None or row.owner != owner:
            raise NotFound("upload", upload_id)
        return read_row(Upload, row)

    def was_sent(self, owner: str, sha256: str, name: str) -> bool:
        """Whether *owner* has handed in these bytes under this name."""
        same = (UploadRow.owner == owner, UploadRow.sha256 == sha256, UploadRow.name == name)
        with self._database.reading() as session:
            return bool(session.scalar(select(exists().where(*same))))

    def complete(self, upload_id: str, source: str, sha256: str) -> None:
        """Note where an upload is kept whose bytes are all there."""
        done = {"source": source, "sha256": sha256}
        with self._database.writing() as session:
            _lock(session, source)
            session.execute(update(UploadRow).where(UploadRow.id == upload_id).values(**done))

    def expired(self, moment: datetime) -> list[Upload]:
        """Those that were to be forgotten before *moment*."""
        query = select(UploadRow).where(UploadRow.expires_at < moment)
        with self._database.reading() as session:
            return [read_row(Upload, row) for row in session.scalars(query)]

    def forget(self, upload: Upload, give_back: Callable[[], None]) -> None:
        """Forget an upload; a missing one is no error.

        Args:
            give_back: removes its bytes; called if no other upload has them, no job is about them
                or speaks in their voice, and while nobody else can keep any there.
        """
        with self._database.writing() as session:
            _lock(session, upload.source)
            session.execute(delete(UploadRow).where(UploadRow.id == upload.id))
            if upload.source and not _is_used(session, upload):
                give_back()


def _lock(session: Session, source: str) -> None:
    """Let nobody else keep or give back what lies at *source* until the transaction has ended."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(source))))


def _is_used(session: Session, upload: Upload) -> bool:
    of_upload = exists().where(UploadRow.source == upload.source)
    of_job = exists().where(JobRow.source == upload.source)
    return bool(session.scalar(select(or_(of_upload, of_job)))) or _is_reference(session, upload)


def _is_reference(session: Session, upload: Upload) -> bool:
    """Whether a job replaces a voice by the one in an upload: it may be made again."""
    named = cast(JobRow.options, String).contains(upload.sha256)
    found = session.scalars(select(JobRow.options).where(JobRow.pipeline == "revoice", named))
    asked = (each for options in found for each in options.get("replacements", ()))
    return any(each.get("reference") == upload.source for each in asked)

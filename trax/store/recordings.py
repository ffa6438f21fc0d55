"""Recordings in the database: what jobs and transcripts are about."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from trax.errors import InvalidOption, NotFound
from trax.store.audit import in_utc
from trax.store.database import Database
from trax.store.rows import older, read_row
from trax.store.sight import EVERYTHING, Sight, seen_job
from trax.store.tables import JobRow, RecordingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRecord:
    """A recording as the database knows it.

    Attributes:
        sha256: of its bytes.
        size_bytes: ``None`` if unknown.
        duration: seconds; ``None`` until it was decoded.
        sight: of whom it is looked at for; what is made of it for them is theirs alone.
    """

    sha256: str
    name: str
    size_bytes: int | None
    duration: float | None
    created_at: datetime
    sight: Sight = EVERYTHING


class RecordingRepository:
    """Finds recordings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, reference: str, sight: Sight = EVERYTHING) -> RecordingRecord:
        """The recording whose SHA-256 is or begins with *reference*, called as in the newest job of
        it that is seen, and from the time of the oldest.

        Raises:
            NotFound: there is none.
            InvalidOption: several begin with it.
        """
        query = (
            select(RecordingRow)
            .where(RecordingRow.sha256.startswith(reference, autoescape=True))
            .limit(2)
        )
        with self._database.reading() as session:
            rows = session.scalars(query).all()
        if not rows or not reference:
            raise NotFound("recording", reference)
        if len(rows) > 1:
            raise InvalidOption(f"several recordings begin with {reference!r}; give more of it")
        found = read_row(RecordingRecord, rows[0], sight=sight)
        return found if sight.is_whole else self._as_seen(found, sight)

    def _as_seen(self, found: RecordingRecord, sight: Sight) -> RecordingRecord:
        mine = (JobRow.recording_sha256 == found.sha256, seen_job(sight))
        query = select(JobRow.name).where(*mine).order_by(JobRow.created_at.desc()).limit(1)
        with self._database.reading() as session:
            name = session.scalar(query)
            since = session.scalar(select(func.min(JobRow.created_at)).where(*mine))
        if name is None or since is None:
            raise NotFound("recording", found.sha256)
        return replace(found, name=name, created_at=in_utc(since))

    def newest(
        self,
        most: int = 50,
        after: tuple[datetime, str] | None = None,
        sight: Sight = EVERYTHING,
    ) -> list[RecordingRecord]:
        """At most *most* recordings, newest first.

        Args:
            after: time and SHA-256 of the recording that comes before the first of them.
            sight: whoever looks sees no others, and those since their own first job.
        """
        if not sight.is_whole:
            return self._newest_seen(most, after, sight)
        query = select(RecordingRow)
        if after is not None:
            query = query.where(older(RecordingRow.created_at, RecordingRow.sha256, after))
        query = query.order_by(RecordingRow.created_at.desc(), RecordingRow.sha256)
        with self._database.reading() as session:
            return [
                read_row(RecordingRecord, row, sight=sight)
                for row in session.scalars(query.limit(most))
            ]

    def _newest_seen(
        self, most: int, after: tuple[datetime, str] | None, sight: Sight
    ) -> list[RecordingRecord]:
        since = func.min(JobRow.created_at)
        query = (
            select(RecordingRow, since, func.max(JobRow.name))
            .join(JobRow, JobRow.recording_sha256 == RecordingRow.sha256)
            .where(seen_job(sight))
            .group_by(RecordingRow.sha256)
            .order_by(since.desc(), RecordingRow.sha256)
        )
        if after is not None:
            moment, key = after
            later = and_(since == moment, RecordingRow.sha256 > key)
            query = query.having(or_(since < moment, later))
        with self._database.reading() as session:
            return [
                read_row(RecordingRecord, row, created_at=in_utc(at), name=name, sight=sight)
                for row, at, name in session.execute(query.limit(most))
            ]

    def sources(self, recording: RecordingRecord) -> list[str]:
        """Where jobs that are seen found a recording, the newest job's place first."""
        query = (
            select(JobRow.source)
            .where(JobRow.recording_sha256 == recording.sha256, seen_job(recording.sight))
            .group_by(JobRow.source)
            .order_by(func.max(JobRow.created_at).desc())
        )
        with self._database.reading() as session:
            return [source for source in session.scalars(query) if source]

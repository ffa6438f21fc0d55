"""Transcripts in a database: immutable versions, found by id and by what was said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased, defer

from trax.errors import Conflict, InvalidOption, NotFound
from trax.store.account_tables import HoldingRow
from trax.store.database import Database
from trax.store.memory import Key
from trax.store.replay import AS_TEXT, digest_made, is_current, read_document, replayed
from trax.store.rows import (
    add_version,
    document_digest,
    older,
    put_recording,
    read_row,
    upsert,
)
from trax.store.search import matching
from trax.store.sight import EVERYTHING, Sight, seen_holding
from trax.store.tables import (
    JobRow,
    ProfileRow,
    RecordingRow,
    SegmentRow,
    SpeakerRow,
    TranscriptRow,
)
from trax.store.tags import tags_of
from trax.store.wanted import ANY, RECORDING_NAME, Wanted, conditions
from trax.transcript import KnownVoice, Transcript
from trax.transcript.identity import without_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSummary:
    """A transcript as lists show it: its newest version."""

    id: str
    version: int
    name: str
    duration: float
    language: str
    speakers: int
    words: int
    expected_error_rate: float | None
    pipeline_version: str
    recording_sha256: str
    job_id: str | None
    created_at: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A segment in which something was found; times are in seconds."""

    transcript_id: str
    version: int
    name: str
    start: float
    end: float
    speaker: str | None
    text: str


_RECENT = 5000  # segments looked through first

_newer = aliased(TranscriptRow)
_IS_NEWEST = ~exists().where(
    and_(_newer.id == TranscriptRow.id, _newer.version > TranscriptRow.version)
)


class TranscriptRepository:
    """Keeps and finds transcripts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self, transcript: Transcript, job_id: str | None = None, base_version: int | None = None
    ) -> int:
        """Save a transcript in one transaction, record it in its job, and return its version.

        A document that is a version already is not saved twice: that version is returned, and keeps
        its place among the others. So a job that runs again does not supersede what people have
        made of its transcript since.

        Args:
            transcript: the document.
            job_id: the job that made it.
            base_version: the version that was changed; 0 if there was none. ``None`` saves whatever
                others have saved meanwhile.

        Raises:
            Conflict: the newest version is another than *base_version*.
        """
        with self._database.writing() as session:
            recording = transcript.recording
            # Other writers of this transcript wait for this row.
            put_recording(
                session, recording.sha256, recording.name, recording.size_bytes, recording.duration
            )
            if base_version is not None:
                check_newest(session, transcript.id, base_version)
            version = _same_version(session, transcript)
            if version is None:
                version = add_version(session, transcript, job_id)
            else:
                _put_voices(session, transcript, version)
            if job_id is not None:
                made = {"transcript_id": transcript.id, "transcript_version": version}
                session.execute(update(JobRow).where(JobRow.id == job_id).values(made))
                _hold(session, transcript.id, job_id)
            return version

    def get(self, reference: str, version: int | None = None) -> Transcript:
        """The newest version of a transcript, or the one that *version* names.

        Args:
            reference: the id or its beginning; ``latest`` is the newest transcript.
            version: number of the version.

        Raises:
            NotFound: there is no such transcript or version.
            InvalidOption: several ids begin with *reference*.
        """
        with self._database.reading() as session:
            found = _resolved(session, reference)
            query = select(TranscriptRow.version, TranscriptRow.digest)
            query = query.where(TranscriptRow.id == found)
            if version is not None:
                query = query.where(TranscriptRow.version == version)
            row = session.execute(query.order_by(TranscriptRow.version.desc()).limit(1)).first()
            if row is not None:
                voices = voices_of(session, found, row.version)
                document = self._document(session, (found, row.version, row.digest))
                return document.with_voices(voices) if voices else document
            again = self._again(session, found, version) if version is not None else None
        if again is None:
            raise NotFound("version", str(version), f"transcript {found} has no such version")
        return again

    def _document(self, session: Session, key: Key) -> Transcript:
        """The document of a version that is kept."""
        memory = self._database.memory
        document = memory.get(key)
        if document is None:
            found, version, _digest = key
            query = select(AS_TEXT).where(
                TranscriptRow.id == found, TranscriptRow.version == version
            )
            document = read_document(session.scalars(query).one(), found)
            memory.put(key, document)
        return document

    def _again(self, session: Session, found: str, version: int) -> Transcript | None:
        """The document of a version that changes make again; ``None`` if there was none such."""
        digest = digest_made(session, found, version)
        if digest is None:
            return None
        memory = self._database.memory
        document = memory.get((found, version, digest))
        if document is None:
            document = replayed(session, found, version)
            if document is not None:
                memory.put((found, version, digest), document)
        return document

    def resolve(self, reference: str, sight: Sight = EVERYTHING) -> str:
        """The full id of the transcript that *reference* stands for among those that are seen.

        Raises as `get` does.
        """
        with self._database.reading() as session:
            return _resolved(session, reference, sight)

    def written(self, transcript_id: str, version: int) -> bytes | None:
        """A version's JSON as it is kept, which costs much less than `get`.

        ``None`` where something has to be added to it first: ids, names of known voices, changes.
        """
        with self._database.reading() as session:
            if voices_of(session, transcript_id, version):
                return None
            query = select(AS_TEXT).where(
                TranscriptRow.id == transcript_id, TranscriptRow.version == version
            )
            document = session.scalars(query).one_or_none()
        return document.encode() if document and is_current(document) else None

    def versions(self, reference: str) -> list[TranscriptSummary]:
        """Every version of a transcript, newest first. Raises as `get` does."""
        with self._database.reading() as session:
            query = _summaries().where(TranscriptRow.id == _resolved(session, reference))
            return _read(session, query.order_by(TranscriptRow.version.desc()))

    def summaries(
        self,
        most: int = 50,
        after: tuple[datetime, str] | None = None,
        sight: Sight = EVERYTHING,
        wanted: Wanted = ANY,
    ) -> list[TranscriptSummary]:
        """At most *most* transcripts, newest first.

        Args:
            after: time and id of the transcript that comes before the first of them.
            sight: whoever looks sees no others.
            wanted: only those.
        """
        query = _summaries().where(_IS_NEWEST, seen_holding(sight), *conditions(wanted))
        if after is not None:
            query = query.where(older(TranscriptRow.created_at, TranscriptRow.id, after))
        query = query.order_by(TranscriptRow.created_at.desc(), TranscriptRow.id)
        with self._database.reading() as session:
            return _read(session, query.limit(most))

    def count(self) -> int:
        """How many transcripts there are, whatever their number of versions."""
        with self._database.reading() as session:
            return session.scalar(select(func.count(func.distinct(TranscriptRow.id)))) or 0

    def search(self, query: str, most: int = 50, sight: Sight = EVERYTHING) -> list[SearchHit]:
        """At most *most* segments of newest versions that match *query*, last saved first; in
        transcripts that are seen.

        A segment matches if it has all words, in any order and case. ``"two words"`` must be in
        this order, ``-word`` must not occur, ``begin*`` matches words that begin so.

        Raises:
            InvalidOption: the query has no word to look for.
        """
        statement = (
            select(SegmentRow, RECORDING_NAME)
            .join(
                TranscriptRow,
                and_(
                    TranscriptRow.id == SegmentRow.transcript_id,
                    TranscriptRow.version == SegmentRow.version,
                ),
            )
            .join(RecordingRow, RecordingRow.sha256 == TranscriptRow.recording_sha256)
            .outerjoin(HoldingRow, HoldingRow.transcript_id == TranscriptRow.id)
            .where(matching(query, self._database.kind), _IS_NEWEST, seen_holding(sight))
            .limit(most)
        )
        # The last segments are enough for a common word. For a rare one the order must be one that
        # no index has, or Postgres would walk through all segments in that order instead of using
        # the index of words.
        last = select(func.max(SegmentRow.id) - _RECENT).scalar_subquery()
        recent = statement.where(SegmentRow.id > last).order_by(SegmentRow.id.desc())
        everywhere = statement.order_by((SegmentRow.id + 0).desc())
        with self._database.reading() as session:
            found = session.execute(recent).all()
            if len(found) < most:
                found = session.execute(everywhere).all()
            return [read_row(SearchHit, row, name=name) for row, name in found]


def voices_of(session: Session, transcript: str, version: int) -> dict[str, KnownVoice]:
    """Whose voice each speaker of one version has."""
    query = select(SpeakerRow.label, ProfileRow.id, ProfileRow.name).join(
        ProfileRow, ProfileRow.id == SpeakerRow.profile_id
    )
    found = session.execute(
        query.where(SpeakerRow.transcript_id == transcript, SpeakerRow.version == version)
    )
    return {label: KnownVoice(profile, name) for label, profile, name in found}


def check_newest(session: Session, transcript: str, base: int) -> None:
    """Raise Conflict if the newest version of a transcript is another than *base*."""
    query = select(func.max(TranscriptRow.version)).where(TranscriptRow.id == transcript)
    newest = session.scalar(query) or 0
    if newest != base:
        raise Conflict(f"transcript {transcript}", base, newest)


def _put_voices(session: Session, transcript: Transcript, version: int) -> None:
    for speaker in transcript.speakers:
        row = (
            SpeakerRow.transcript_id == transcript.id,
            SpeakerRow.version == version,
            SpeakerRow.label == speaker.label,
        )
        profile = speaker.voice.profile if speaker.voice else None
        session.execute(update(SpeakerRow).where(*row).values(profile_id=profile))


def _same_version(session: Session, transcript: Transcript) -> int | None:
    """The number of the newest version that holds this very document, whosever the voices are.

    A row from before words had ids holds the same document without them.
    """
    document = transcript.with_voices({})
    digests = [document_digest(each) for each in (document, without_ids(document))]
    same = (TranscriptRow.id == transcript.id, TranscriptRow.digest.in_(digests))
    return session.scalar(select(func.max(TranscriptRow.version)).where(*same))


def _hold(session: Session, transcript_id: str, job_id: str) -> None:
    """Make a transcript whose the job is that made it, unless it is somebody's."""
    job = session.get(JobRow, job_id)
    if job is None or not (job.account or job.folder_id):
        return
    values = {"account": job.account, "folder_id": job.folder_id, "name": job.name}
    held = upsert(session, HoldingRow).values(transcript_id=transcript_id, **values)
    session.execute(held.on_conflict_do_nothing(index_elements=["transcript_id"]))


def _resolved(session: Session, reference: str, sight: Sight = EVERYTHING) -> str:
    """The full id that *reference* stands for."""
    query = select(TranscriptRow.id).where(_IS_NEWEST)
    if not sight.is_whole:
        held = HoldingRow.transcript_id == TranscriptRow.id
        query = query.outerjoin(HoldingRow, held).where(seen_holding(sight))
    query = query.order_by(TranscriptRow.created_at.desc(), TranscriptRow.id)
    if reference != "latest":
        query = query.where(TranscriptRow.id.startswith(reference, autoescape=True))
        if session.scalar(query.where(TranscriptRow.id == reference)):
            return reference
    found = session.scalars(query.limit(2)).all()
    if not found:
        raise NotFound("transcript", reference)
    if len(found) > 1 and reference != "latest":
        raise InvalidOption(f"several transcripts begin with {reference!r}; give more of the id")
    return found[0]


def _summaries() -> Select[tuple[TranscriptRow, str, float | None]]:
    query = (
        select(TranscriptRow, RECORDING_NAME, RecordingRow.duration)
        .join(RecordingRow, RecordingRow.sha256 == TranscriptRow.recording_sha256)
        .outerjoin(HoldingRow, HoldingRow.transcript_id == TranscriptRow.id)
    )
    return query.options(defer(TranscriptRow.document))


def _read(
    session: Session, query: Select[tuple[TranscriptRow, str, float | None]]
) -> list[TranscriptSummary]:
    rows = session.execute(query).tuples().all()
    tags = tags_of(session, sorted({row.id for row, _name, _duration in rows}))
    return [
        read_row(
            TranscriptSummary, row, name=name, duration=duration or 0.0, tags=tags.get(row.id, ())
        )
        for row, name, duration in rows
    ]

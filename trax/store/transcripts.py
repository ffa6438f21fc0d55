"""Transcripts in a database: immutable versions, found by id and by what was said."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from trax.errors import InvalidOption, NotFound
from trax.store.database import Database
from trax.store.rows import add_version, put_recording, read_row
from trax.store.search import matching
from trax.store.tables import (
    JobRow,
    ProfileRow,
    RecordingRow,
    SegmentRow,
    SpeakerRow,
    TranscriptRow,
)
from trax.transcript import KnownVoice, Transcript
from trax.transcript.codec import from_json, to_json
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
    pipeline_version: str
    job_id: str | None
    created_at: datetime


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

    def save(self, transcript: Transcript, job_id: str | None = None) -> int:
        """Keep a transcript in one transaction, note it in its job, and give its version.

        A document that is a version already is not kept twice: that version is given, and stays
        where it is among the others. So a job that is done again does not come before what people
        made of its transcript since.
        """
        with self._database.writing() as session:
            recording = transcript.recording
            # Whoever else saves this transcript waits for this row.
            put_recording(
                session, recording.sha256, recording.name, recording.size_bytes, recording.duration
            )
            version = _same_version(session, transcript)
            if version is None:
                version = add_version(session, transcript, job_id)
            else:
                _put_voices(session, transcript, version)
            if job_id is not None:
                made = {"transcript_id": transcript.id, "transcript_version": version}
                session.execute(update(JobRow).where(JobRow.id == job_id).values(made))
            return version

    def get(self, reference: str, version: int | None = None) -> Transcript:
        """The transcript whose id is or begins with *reference*; ``latest`` is the newest. Else its
        newest version.

        Raises:
            NotFound: there is none, or no such version.
            InvalidOption: several ids begin with it.
        """
        with self._database.reading() as session:
            found = _resolved(session, reference)
            query = select(TranscriptRow.document, TranscriptRow.version).where(
                TranscriptRow.id == found
            )
            if version is not None:
                query = query.where(TranscriptRow.version == version)
            row = session.execute(query.order_by(TranscriptRow.version.desc()).limit(1)).first()
            voices = _voices(session, found, row.version) if row else {}
        if row is None:
            raise NotFound(
                "version",
                str(version),
                f"`trax show {found} --versions` lists those of transcript {found}",
            )
        document = from_json(Transcript, json.dumps(row.document).encode(), f"transcript {found}")
        return document.with_voices(voices) if voices else document

    def versions(self, reference: str) -> list[TranscriptSummary]:
        """Every version of a transcript, newest first. Raises as `get` does."""
        with self._database.reading() as session:
            query = _summaries().where(TranscriptRow.id == _resolved(session, reference))
            return _read(session, query.order_by(TranscriptRow.version.desc()))

    def summaries(self, most: int = 50) -> list[TranscriptSummary]:
        """The newest transcripts, newest first, *most* of them."""
        query = (
            _summaries()
            .where(_IS_NEWEST)
            .order_by(TranscriptRow.created_at.desc(), TranscriptRow.id)
            .limit(most)
        )
        with self._database.reading() as session:
            return _read(session, query)

    def count(self) -> int:
        """How many transcripts there are; versions do not count."""
        with self._database.reading() as session:
            return session.scalar(select(func.count(func.distinct(TranscriptRow.id)))) or 0

    def search(self, query: str, most: int = 50) -> list[SearchHit]:
        """The segments of newest versions that match *query*, those saved last first, *most* of
        them.

        All words must occur in a segment, in any order and case; ``"two words"`` in this order,
        ``-word`` not at all, ``begin*`` only begin so.

        Raises:
            InvalidOption: the query holds no word to look for.
        """
        statement = (
            select(SegmentRow, RecordingRow.name)
            .join(
                TranscriptRow,
                and_(
                    TranscriptRow.id == SegmentRow.transcript_id,
                    TranscriptRow.version == SegmentRow.version,
                ),
            )
            .join(RecordingRow, RecordingRow.sha256 == TranscriptRow.recording_sha256)
            .where(matching(query, self._database.kind), _IS_NEWEST)
            .limit(most)
        )
        # A common word is found among the last segments. A rare one is not: then the order is one
        # that no index gives, or Postgres would walk through all segments in that order instead of
        # asking the words' index.
        last = select(func.max(SegmentRow.id) - _RECENT).scalar_subquery()
        recent = statement.where(SegmentRow.id > last).order_by(SegmentRow.id.desc())
        everywhere = statement.order_by((SegmentRow.id + 0).desc())
        with self._database.reading() as session:
            found = session.execute(recent).all()
            if len(found) < most:
                found = session.execute(everywhere).all()
            return [read_row(SearchHit, row, name=name) for row, name in found]


def _voices(session: Session, transcript: str, version: int) -> dict[str, KnownVoice]:
    """Whose voice each speaker of one version has."""
    query = select(SpeakerRow.label, ProfileRow.id, ProfileRow.name).join(
        ProfileRow, ProfileRow.id == SpeakerRow.profile_id
    )
    found = session.execute(
        query.where(SpeakerRow.transcript_id == transcript, SpeakerRow.version == version)
    )
    return {label: KnownVoice(profile, name) for label, profile, name in found}


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
    digests = [_digest(each) for each in (document, without_ids(document))]
    same = (TranscriptRow.id == transcript.id, TranscriptRow.digest.in_(digests))
    return session.scalar(select(func.max(TranscriptRow.version)).where(*same))


def _digest(transcript: Transcript) -> str:
    return hashlib.sha256(to_json(transcript)).hexdigest()


def _resolved(session: Session, reference: str) -> str:
    """The full id that *reference* stands for."""
    query = (
        select(TranscriptRow.id)
        .where(_IS_NEWEST)
        .order_by(TranscriptRow.created_at.desc(), TranscriptRow.id)
    )
    if reference != "latest":
        query = query.where(TranscriptRow.id.startswith(reference, autoescape=True))
        if session.scalar(select(exists().where(TranscriptRow.id == reference))):
            return reference
    found = session.scalars(query.limit(2)).all()
    if not found:
        raise NotFound("transcript", reference, "`trax show` lists those there are")
    if len(found) > 1 and reference != "latest":
        raise InvalidOption(f"several transcripts begin with {reference!r}; give more of the id")
    return found[0]


def _summaries() -> Select[tuple[TranscriptRow, str, float | None]]:
    return select(TranscriptRow, RecordingRow.name, RecordingRow.duration).join(
        RecordingRow, RecordingRow.sha256 == TranscriptRow.recording_sha256
    )


def _read(
    session: Session, query: Select[tuple[TranscriptRow, str, float | None]]
) -> list[TranscriptSummary]:
    return [
        read_row(TranscriptSummary, row, name=name, duration=duration or 0.0)
        for row, name, duration in session.execute(query)
    ]

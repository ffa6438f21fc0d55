"""Rows that several writers share."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from trax.store.audit import add_entry, in_utc
from trax.store.json_text import JsonText
from trax.store.segment_rows import put_segments
from trax.store.tables import Base, RecordingRow, SpeakerRow, TranscriptRow, utc_now
from trax.transcript import Transcript
from trax.transcript.codec import to_json

Value = TypeVar("Value")

_AT_ONCE = 500  # keys in one query


def upsert(session: Session | Connection, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An insert that may say what to do where the row is there already."""
    bind = session.get_bind() if isinstance(session, Session) else session
    return sqlite.insert(table) if bind.dialect.name == "sqlite" else postgresql.insert(table)


def read_row(kind: type[Value], row: Base, /, **known: object) -> Value:
    """A value of *kind* from the columns that bear its fields' names; what is *known* already is
    not read.
    """
    names = [field.name for field in fields(kind) if field.name not in known]  # type: ignore[arg-type]
    values = {name: getattr(row, name) for name in names}
    return kind(
        **known, **{name: in_utc(v) if isinstance(v, datetime) else v for name, v in values.items()}
    )


def put_recording(
    session: Session | Connection,
    sha256: str,
    name: str,
    size_bytes: int | None,
    duration: float | None = None,
    created_at: datetime | None = None,
) -> None:
    """Insert a recording; one that is there learns what was not known of it. Safe when several do
    it at once.
    """
    values: Mapping[str, object] = {"name": name, "size_bytes": size_bytes, "duration": duration}
    known = {key: value for key, value in values.items() if value is not None}
    statement = upsert(session, RecordingRow).values(
        sha256=sha256, created_at=created_at or utc_now(), **values
    )
    session.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_=known))


def document_digest(transcript: Transcript) -> str:
    """SHA-256 of a document's JSON, hex."""
    return hashlib.sha256(to_json(transcript)).hexdigest()


def add_version(
    session: Session | Connection,
    transcript: Transcript,
    job_id: str | None,
    pipeline_version: str = "",
    created_at: datetime | None = None,
    former: int | None = None,
) -> int:
    """Insert the next version of a transcript with its segments and speakers, and give its number.

    Whose voice a speaker has is kept in the speaker's row alone, so that it goes when the profile
    goes.

    Args:
        former: a version that is about to go, whose rows may be taken over.
    """
    voices = {
        speaker.label: speaker.voice.profile for speaker in transcript.speakers if speaker.voice
    }
    transcript = transcript.with_voices({})
    newest = session.scalar(
        select(func.max(TranscriptRow.version)).where(TranscriptRow.id == transcript.id)
    )
    key = {"transcript_id": transcript.id, "version": (newest or 0) + 1}
    document = to_json(transcript)
    errors = transcript.expected_errors
    row = {
        "id": transcript.id,
        "version": key["version"],
        "recording_sha256": transcript.recording.sha256,
        "job_id": job_id,
        "pipeline_version": pipeline_version or transcript.provenance.trax,
        "digest": hashlib.sha256(document).hexdigest(),
        "language": transcript.language,
        "speakers": len(transcript.speakers),
        "words": len(transcript.words),
        "expected_error_rate": errors.rate if errors else None,
        "speaker_confidence": transcript.speaker_confidence,
        "document": JsonText(document.decode()),  # a long one is not read to be written again
    }
    session.execute(
        insert(TranscriptRow).values(row | ({"created_at": created_at} if created_at else {}))
    )
    put_segments(session, transcript, (newest or 0) + 1, former)
    speakers = [
        {
            **key,
            "label": each.label,
            "name": each.name,
            "speech": each.speech,
            "profile_id": voices.get(each.label),
        }
        for each in transcript.speakers
    ]
    if speakers:
        session.execute(insert(SpeakerRow), speakers)
    add_entry(session, "transcript.saved", transcript.id, version=key["version"], job=job_id)
    return (newest or 0) + 1


def older(
    time: ColumnElement[datetime] | InstrumentedAttribute[datetime],
    key: ColumnElement[str] | InstrumentedAttribute[str],
    after: tuple[datetime, str],
) -> ColumnElement[bool]:
    """The condition that a row comes after the one of that time and key, newest first and then by
    key.
    """
    moment, name = after
    return or_(time < moment, and_(time == moment, key > name))


def portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """*keys*, as many at a time as one query takes."""
    return (keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE))

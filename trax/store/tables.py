"""The database's tables, for SQLite and Postgres alike."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints are named by one rule."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSON}  # noqa: RUF012


class RecordingRow(Base):
    """One recording, by the digest of its bytes."""

    __tablename__ = "recordings"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    duration: Mapped[float]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=_now)


class TranscriptRow(Base):
    """One transcript: the whole document, and what lists need of it."""

    __tablename__ = "transcripts"

    id: Mapped[str] = mapped_column(primary_key=True)
    recording_sha256: Mapped[str] = mapped_column(ForeignKey("recordings.sha256"), index=True)
    language: Mapped[str]
    speakers: Mapped[int]
    words: Mapped[int]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=_now, index=True)


class StageRunRow(Base):
    """One stage of one run that led to a transcript."""

    __tablename__ = "stage_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcripts.id"), index=True)
    stage: Mapped[str]
    key: Mapped[str]
    seconds: Mapped[float]
    cached: Mapped[bool]
    audio_seconds: Mapped[float]
    peak_memory_bytes: Mapped[int]
    engine: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=_now)

"""The database's tables, for SQLite and Postgres alike. `trax.store.migrations` makes them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_trax_%(column_0_label)s",
    "uq": "uq_trax_%(table_name)s_%(column_0_name)s",
    "fk": "fk_trax_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_trax_%(table_name)s",
}
"""How constraints are named: no other schema's names in the same database are like these."""

Json = JSON().with_variant(JSONB(), "postgresql")
BigKey = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts by itself there


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints are named by one rule."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: Json, float: Double()}  # noqa: RUF012


class RecordingRow(Base):
    """One recording, by the digest of its bytes.

    ``duration`` is in seconds, and unknown until the recording was ingested.
    """

    __tablename__ = "recordings"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class JobRow(Base):
    """One run of a pipeline on one subject with one set of options, however often it is submitted.

    ``owner`` is the process that works on it, for as long as it renews ``heartbeat_at``.
    ``account`` is whose it is, empty if it is nobody's; ``folder_id`` shares it; ``given`` is how
    many jobs like it of the same account were made another's before.
    ``queued_at`` says since when a service is to see that it is done; ``None`` if none is.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    pipeline: Mapped[str] = mapped_column(default="transcribe", server_default="transcribe")
    recording_sha256: Mapped[str | None] = mapped_column(
        ForeignKey("recordings.sha256"), index=True
    )
    name: Mapped[str]
    source: Mapped[str]
    options: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(index=True)
    stage: Mapped[str] = mapped_column(default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None] = mapped_column(Json)
    owner: Mapped[str] = mapped_column(default="")
    flow_run_id: Mapped[str] = mapped_column(default="")
    transcript_id: Mapped[str | None]
    transcript_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    queued_at: Mapped[datetime | None] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    cancel_requested_at: Mapped[datetime | None]
    account: Mapped[str] = mapped_column(default="", server_default="", index=True)
    folder_id: Mapped[str | None] = mapped_column(index=True)
    given: Mapped[int] = mapped_column(default=0, server_default="0")


class JobEventRow(Base):
    """Something that happened to a job."""

    __tablename__ = "job_events"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    attempt: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    text: Mapped[str]


class JobPassageRow(Base):
    """What was recognised in a stretch of a recording, while its job is being worked on."""

    __tablename__ = "job_passages"

    job_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str]


class SubmissionRow(Base):
    """A job that somebody asked for with a key of their own: asking again is answered alike.

    ``owner`` is whoever asked, ``digest`` the SHA-256 of what they asked for.
    """

    __tablename__ = "submissions"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    created_at: Mapped[datetime] = mapped_column(index=True)


class UploadRow(Base):
    """A recording that somebody handed in.

    ``source`` is where it is kept, empty until all its bytes are there; ``owner`` is whoever sent
    it.
    """

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class TokenRow(Base):
    """A token of the service: the SHA-256 of it, never the token itself.

    ``scopes`` are parted by spaces; ``account`` is the user whose it is, empty if it is nobody's.
    """

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    account: Mapped[str] = mapped_column(default="", server_default="")


class WebhookRow(Base):
    """Where somebody is told of jobs.

    ``events`` are parted by spaces; ``job_id`` is the one job that it is for, empty for all;
    ``since`` the event after which it is told of them; ``is_whole`` whether whoever made it saw
    everything then. ``old_secret`` signs, too, until ``old_until``; nothing is sent before
    ``rests_until``. ``note`` says why it was disabled.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    url: Mapped[str]
    events: Mapped[str]
    secret: Mapped[str]
    old_secret: Mapped[str] = mapped_column(default="", server_default="")
    old_until: Mapped[datetime | None]
    job_id: Mapped[str] = mapped_column(index=True)
    since: Mapped[int] = mapped_column(BigInteger)
    is_whole: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    note: Mapped[str]


class DeliveryRow(Base):
    """A message to a webhook: its bytes, and how sending it went.

    ``next_at`` is when it is to be sent, or sent again if whoever sends it has died.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), index=True
    )
    job_id: Mapped[str]
    event: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]
    took_ms: Mapped[int | None]
    error: Mapped[str]


class FeedRow(Base):
    """How far somebody who reads every event has come."""

    __tablename__ = "feeds"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger)


class StageRunRow(Base):
    """One stage of one attempt at a job."""

    __tablename__ = "stage_runs"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    attempt: Mapped[int]
    stage: Mapped[str]
    key: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[float]
    cached: Mapped[bool]
    retries: Mapped[int]
    audio_seconds: Mapped[float]
    peak_memory_bytes: Mapped[int] = mapped_column(BigInteger)
    peak_device_memory_bytes: Mapped[int] = mapped_column(BigInteger)
    engine: Mapped[str]
    processor_seconds: Mapped[float] = mapped_column(default=0.0)
    gpu_busy_seconds: Mapped[float] = mapped_column(default=0.0)
    written_bytes: Mapped[int] = mapped_column(BigInteger, default=0)


class TranscriptRow(Base):
    """One version of one transcript: never changed once it is there.

    ``digest`` is the SHA-256 of the document's JSON; ``pipeline_version`` says which Trax made it.
    """

    __tablename__ = "transcripts"

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    recording_sha256: Mapped[str] = mapped_column(ForeignKey("recordings.sha256"), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    pipeline_version: Mapped[str]
    digest: Mapped[str]
    language: Mapped[str]
    speakers: Mapped[int]
    words: Mapped[int]
    expected_error_rate: Mapped[float | None]
    speaker_confidence: Mapped[float | None]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class SegmentRow(Base):
    """One segment's text, to be searched. Postgres adds a ``tsvector`` column, SQLite an FTS5 table
    beside it: of *spaced*, else of *text*.

    Attributes:
        spaced: the text with its unspaced letters as words; ``None`` if it has none.
    """

    __tablename__ = "segments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transcript_id", "version"],
            ["transcripts.id", "transcripts.version"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("transcript_id", "version", "position"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    transcript_id: Mapped[str]
    version: Mapped[int]
    position: Mapped[int]
    start: Mapped[float]
    end: Mapped[float]
    speaker: Mapped[str | None]
    text: Mapped[str]
    spaced: Mapped[str | None]


class ProfileRow(Base):
    """A known voice: an embedding and the fingerprint of the model that made it, never audio."""

    __tablename__ = "profiles"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    engine: Mapped[str]
    embedding: Mapped[dict[str, Any]]
    consent: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class SpeakerRow(Base):
    """Somebody who speaks in one version of a transcript."""

    __tablename__ = "speakers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transcript_id", "version"],
            ["transcripts.id", "transcripts.version"],
            ondelete="CASCADE",
        ),
    )

    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    speech: Mapped[float]
    profile_id: Mapped[str | None] = mapped_column(ForeignKey("profiles.id", ondelete="SET NULL"))


class AnswerRow(Base):
    """What a language model answered to one question, by the digest of question, prompt and
    model.
    """

    __tablename__ = "answers"

    key: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class SpendingRow(Base):
    """One call of a language model; ``cost`` is in US dollars."""

    __tablename__ = "spending"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    job_id: Mapped[str] = mapped_column(index=True)
    task: Mapped[str]
    model: Mapped[str]
    prompt_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost: Mapped[float]


class WatchedRow(Base):
    """A file of a watched folder."""

    __tablename__ = "watched"

    folder: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    stamp: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    job_id: Mapped[str]
    run: Mapped[str]
    submissions: Mapped[int]
    attempts: Mapped[int]
    reason: Mapped[str]
    place: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class AuditRow(Base):
    """Something done to the data; rows are only ever added."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]

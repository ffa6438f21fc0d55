"""Transcripts in a database."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable

from trax.errors import InvalidOption, NotFound, StoreError, StoreUnavailable
from trax.store.tables import Base, RecordingRow, StageRunRow, TranscriptRow
from trax.transcript import Transcript
from trax.transcript.codec import from_json, to_json

_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """How one stage of one run went.

    Attributes:
        seconds: this run took; a cached stage takes the time of the look-up.
        cached: whether a checkpoint served.
        audio_seconds: length of the recording.
        peak_memory_bytes: the process's largest resident size up to the stage's end.
        engine: fingerprint; empty for stages without a model.
    """

    stage: str
    key: str
    seconds: float
    cached: bool
    audio_seconds: float
    peak_memory_bytes: int
    engine: str = ""

    @property
    def speed_factor(self) -> float:
        """Seconds of audio a second of work."""
        return self.audio_seconds / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSummary:
    """A transcript as lists show it."""

    id: str
    name: str
    duration: float
    language: str
    speakers: int
    words: int
    created_at: datetime


class TranscriptRepository:
    """Keeps and finds transcripts. Opens its database on first use."""

    def __init__(self, url: str) -> None:
        self._url = url

    def save(self, transcript: Transcript, runs: Sequence[StageRun]) -> None:
        """Keep a transcript and how it was made, in one transaction; the same id again replaces the document."""
        recording = transcript.recording
        with self._session() as session, session.begin():
            _upsert(
                session,
                RecordingRow,
                "sha256",
                sha256=recording.sha256,
                name=recording.name,
                duration=recording.duration,
                size_bytes=recording.size_bytes,
            )
            _upsert(
                session,
                TranscriptRow,
                "id",
                id=transcript.id,
                recording_sha256=recording.sha256,
                language=transcript.language,
                speakers=len(transcript.speakers),
                words=len(transcript.words),
                document=json.loads(to_json(transcript)),
            )
            session.add_all(StageRunRow(transcript_id=transcript.id, **asdict(run)) for run in runs)

    def get(self, reference: str) -> Transcript:
        """The transcript whose id begins with *reference*; ``latest`` is the newest.

        Raises:
            NotFound: there is none.
            InvalidOption: several ids begin with it.
        """
        query = select(TranscriptRow).order_by(TranscriptRow.created_at.desc(), TranscriptRow.id).limit(2)
        if reference != "latest":
            query = query.where(TranscriptRow.id.startswith(reference, autoescape=True))
        with self._session() as session:
            rows = session.scalars(query).all()
            if not rows:
                raise NotFound("transcript", reference, "`trax show` lists those there are")
            if len(rows) > 1 and reference != "latest":
                raise InvalidOption(f"several transcripts begin with {reference!r}; give more of the id")
            return from_json(Transcript, json.dumps(rows[0].document).encode(), f"transcript {rows[0].id}")

    def summaries(self, most: int = 50) -> list[TranscriptSummary]:
        """The newest transcripts, newest first, *most* of them."""
        query = (
            select(TranscriptRow, RecordingRow.name, RecordingRow.duration)
            .join(RecordingRow, RecordingRow.sha256 == TranscriptRow.recording_sha256)
            .order_by(TranscriptRow.created_at.desc(), TranscriptRow.id)
            .limit(most)
        )
        with self._session() as session:
            return [
                TranscriptSummary(
                    id=row.id,
                    name=name,
                    duration=duration,
                    language=row.language,
                    speakers=row.speakers,
                    words=row.words,
                    created_at=_in_utc(row.created_at),
                )
                for row, name, duration in session.execute(query)
            ]

    def stage_runs(self, transcript_id: str) -> list[StageRun]:
        """How the newest run of each stage of a transcript went, in the order in which they ended."""
        newest = (
            select(func.max(StageRunRow.id))
            .where(StageRunRow.transcript_id == transcript_id)
            .group_by(StageRunRow.stage)
        )
        with self._session() as session:
            rows = session.scalars(select(StageRunRow).where(StageRunRow.id.in_(newest)).order_by(StageRunRow.id))
            return [
                StageRun(
                    stage=row.stage,
                    key=row.key,
                    seconds=row.seconds,
                    cached=row.cached,
                    audio_seconds=row.audio_seconds,
                    peak_memory_bytes=row.peak_memory_bytes,
                    engine=row.engine,
                )
                for row in rows
            ]

    @cached_property
    def _engine(self) -> Engine:
        if self._url.startswith("sqlite:///"):
            folder = Path(self._url.removeprefix("sqlite:///")).parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnavailable(f"cannot make the folder {folder}: {error.strerror}") from error
            engine = create_engine(self._url, connect_args={"timeout": _BUSY_SECONDS})
            event.listen(engine, "connect", _prepare_sqlite)
        else:
            engine = create_engine(self._url, pool_pre_ping=True)
        with engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    connection.execute(CreateIndex(index, if_not_exists=True))
        return engine

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with Session(self._engine) as session:
                yield session
        except OperationalError as error:
            raise StoreUnavailable(f"the database does not answer: {error.orig}") from error
        except DatabaseError as error:
            raise StoreError(f"the database cannot be used: {error.orig}") from error


def _upsert(session: Session, table: type[Base], key: str, **values: object) -> None:
    """Insert a row, or bring the one with the same key up to date; safe when several processes do it at once."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name]
    statement = dialect.insert(table).values(**values)
    changed = {name: value for name, value in values.items() if name != key}
    session.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed))


def _in_utc(moment: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _prepare_sqlite(connection: object, _record: object) -> None:
    """Let readers and one writer work at once, and hold rows to their references."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()

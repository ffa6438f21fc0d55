"""What is asked of rows that are few or that an index finds: spending, certainty, corrections,
failures, sizes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from trax.revision.operations import Operation, operation_from
from trax.store.audit import in_utc
from trax.store.database import Database
from trax.store.job_values import JobStatus
from trax.store.revision_tables import RevisionRow
from trax.store.tables import (
    JobRow,
    RecordingRow,
    SpendingRow,
    TranscriptRow,
    UploadRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a language model cost for one kind of task; ``cost`` is in US dollars."""

    model: str
    task: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How sure a transcript was when a machine had made it.

    Attributes:
        made: with which Trax.
        expected_errors: share of words that are probably wrong; ``None`` if no engine said.
        speaker_confidence: share of speech that probably has the right speaker; likewise.
    """

    transcript_id: str
    at: datetime
    plan: str
    language: str
    made: str
    words: int
    expected_errors: float | None
    speaker_confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What people changed in a transcript, and how it was when a machine had made it.

    Attributes:
        operations: everybody's.
    """

    transcript_id: str
    words: int
    expected_errors: float | None
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A job that has failed.

    Attributes:
        duration: of its recording; ``None`` if unknown.
        report: as `FailureReport` has it.
    """

    job_id: str
    at: datetime
    name: str
    pipeline: str
    plan: str
    machine: str
    duration: float | None
    report: dict[str, Any]


class Questions:
    """Answers them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent(self, start: datetime, end: datetime) -> list[Spent]:
        """What language models cost, the dearest first."""
        query = (
            select(
                SpendingRow.model,
                SpendingRow.task,
                func.count().label("calls"),
                func.sum(SpendingRow.prompt_tokens).label("prompt_tokens"),
                func.sum(SpendingRow.completion_tokens).label("completion_tokens"),
                func.sum(SpendingRow.cost).label("cost"),
            )
            .where(SpendingRow.at >= start, SpendingRow.at < end)
            .group_by(SpendingRow.model, SpendingRow.task)
            .order_by(func.sum(SpendingRow.cost).desc())
        )
        with self._database.reading() as session:
            return [Spent(**row) for row in session.execute(query).mappings()]

    def expectations(self, start: datetime, end: datetime, most: int) -> list[Expectation]:
        """How sure transcripts were that machines made, *most* at the most, the newest first."""
        query = (
            select(
                TranscriptRow.id.label("transcript_id"),
                TranscriptRow.created_at.label("at"),
                func.coalesce(JobRow.options["recognition"]["plan"].as_string(), "").label("plan"),
                TranscriptRow.language,
                TranscriptRow.pipeline_version.label("made"),
                TranscriptRow.words,
                TranscriptRow.expected_error_rate.label("expected_errors"),
                TranscriptRow.speaker_confidence,
            )
            .join(JobRow, JobRow.id == TranscriptRow.job_id)
            .where(TranscriptRow.created_at >= start, TranscriptRow.created_at < end)
            .order_by(TranscriptRow.created_at.desc())
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.execute(query).mappings().all()
        return [Expectation(**{**row, "at": in_utc(row["at"])}) for row in rows]

    def revised(self, start: datetime, end: datetime, most: int) -> list[Revised]:
        """What people changed in transcripts that they changed, *most* at the most, those changed
        last first.
        """
        last = func.max(RevisionRow.at)
        newest = (
            select(RevisionRow.transcript_id)
            .where(RevisionRow.at >= start, RevisionRow.at < end)
            .group_by(RevisionRow.transcript_id)
            .order_by(last.desc())
            .limit(most)
        )
        with self._database.reading() as session:
            ids = list(session.scalars(newest))
            changes = session.execute(
                select(RevisionRow.transcript_id, RevisionRow.operations)
                .where(RevisionRow.transcript_id.in_(ids), RevisionRow.operations.is_not(None))
                .order_by(RevisionRow.version)
            ).all()
            made = session.execute(
                select(TranscriptRow.id, TranscriptRow.words, TranscriptRow.expected_error_rate)
                .where(TranscriptRow.id.in_(ids), TranscriptRow.job_id.is_not(None))
                .order_by(TranscriptRow.version)
            ).all()
        first = {row.id: row for row in reversed(made)}
        operations: dict[str, list[Operation]] = {each: [] for each in ids}
        for transcript, raw in changes:
            operations[transcript].extend(operation_from(each, transcript) for each in raw)
        return [
            Revised(
                transcript_id=each,
                words=first[each].words,
                expected_errors=first[each].expected_error_rate,
                operations=tuple(operations[each]),
            )
            for each in ids
            if each in first
        ]

    def failures(self, start: datetime, end: datetime, most: int) -> list[Failure]:
        """Jobs that failed and were not begun again, *most* at the most, the newest first."""
        query = (
            select(JobRow, RecordingRow.duration)
            .outerjoin(RecordingRow, RecordingRow.sha256 == JobRow.recording_sha256)
            .where(
                JobRow.status == JobStatus.FAILED,
                JobRow.finished_at >= start,
                JobRow.finished_at < end,
            )
            .order_by(JobRow.finished_at.desc())
            .limit(most)
        )
        with self._database.reading() as session:
            return [_failure(*row) for row in session.execute(query).tuples()]

    def stored(self) -> tuple[int, int]:
        """Bytes of recordings that are known, and of uploads that are kept."""
        with self._database.reading() as session:
            recordings = session.scalar(select(func.sum(RecordingRow.size_bytes)))
            uploads = session.scalar(select(func.sum(UploadRow.size_bytes)))
        return int(recordings or 0), int(uploads or 0)


def _failure(row: JobRow, duration: float | None) -> Failure:
    options = row.options.get("recognition") or {}
    return Failure(
        job_id=row.id,
        at=in_utc(row.finished_at or row.created_at),
        name=row.name,
        pipeline=row.pipeline,
        plan=str(options.get("plan", "")),
        machine=row.owner.partition("/")[0],
        duration=duration,
        report=row.error or {},
    )

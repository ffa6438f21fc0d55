"""What there is to foretell from: how long stages took, and the jobs that are not done."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from trax.store.audit import in_utc
from trax.store.database import Database
from trax.store.job_values import JobStatus
from trax.store.rows import portions
from trax.store.tables import JobRow, RecordingRow, StageRunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigure:
    """How long a stage took that had work to do.

    Attributes:
        machine: where.
        audio_seconds: length of the recording.
        name: of the recording.
        size_bytes: of the recording; 0 if unknown.
        options: of the job.
    """

    stage: str
    machine: str
    seconds: float
    audio_seconds: float
    name: str
    size_bytes: int
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJob:
    """A job that is not done.

    Attributes:
        duration: of the recording; ``None`` until it was ingested.
        shares: how much of each stage that has begun is done, 0 to 1, as far as rows say.
        started_at: when work on it began; ``None`` while it waits.
    """

    id: str
    pipeline: str
    name: str
    size_bytes: int
    duration: float | None
    options: dict[str, Any]
    started_at: datetime | None = None
    shares: dict[str, float] = field(default_factory=dict)


class FigureRepository:
    """Reads figures, the newest alone: what it takes does not grow with the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, most: int = 600) -> list[StageFigure]:
        """The newest figures, the newest first."""
        query = (
            select(StageRunRow, JobRow.owner, JobRow.options, JobRow.name, RecordingRow.size_bytes)
            .join(JobRow, JobRow.id == StageRunRow.job_id)
            .outerjoin(RecordingRow, RecordingRow.sha256 == JobRow.recording_sha256)
            .where(StageRunRow.cached.is_(False), StageRunRow.audio_seconds > 0)
            .order_by(StageRunRow.id.desc())
            .limit(most)
        )
        found = []
        with self._database.reading() as session:
            for run, owner, options, name, size_bytes in session.execute(query).tuples():
                figure = StageFigure(
                    stage=run.stage,
                    machine=owner.partition("/")[0],
                    seconds=run.seconds,
                    audio_seconds=run.audio_seconds,
                    name=name,
                    size_bytes=size_bytes or 0,
                    options=options,
                )
                found.append(figure)
        return found

    def running(self) -> list[OpenJob]:
        """The jobs that are worked on."""
        query = _open_jobs().where(JobRow.status == JobStatus.RUNNING)
        with self._database.reading() as session:
            rows = session.execute(query).tuples().all()
            finished = _finished(session, [job.id for job, _size, _duration in rows])
        jobs = []
        for job, size_bytes, duration in rows:
            shares = {job.stage: job.progress} if job.stage else {}
            shares |= dict.fromkeys(finished[job.id, job.attempts], 1.0)
            jobs.append(_open_job(job, size_bytes, duration, shares))
        return jobs

    def waiting(self, most: int) -> list[OpenJob]:
        """The jobs at the head of the queue, in its order, *most* of them."""
        query = (
            _open_jobs()
            .where(JobRow.queued_at.is_not(None), JobRow.status == JobStatus.QUEUED)
            .order_by(JobRow.queued_at, JobRow.id)
            .limit(most)
        )
        with self._database.reading() as session:
            return [_open_job(*row, {}) for row in session.execute(query).tuples()]


_Rows = Select[tuple[JobRow, int | None, float | None]]


def _open_jobs() -> _Rows:
    query = select(JobRow, RecordingRow.size_bytes, RecordingRow.duration)
    return query.outerjoin(RecordingRow, RecordingRow.sha256 == JobRow.recording_sha256)


def _open_job(
    row: JobRow, size_bytes: int | None, duration: float | None, shares: dict[str, float]
) -> OpenJob:
    is_running = row.status == JobStatus.RUNNING and row.started_at is not None
    return OpenJob(
        id=row.id,
        pipeline=row.pipeline,
        name=row.name,
        size_bytes=size_bytes or 0,
        duration=duration,
        options=row.options,
        started_at=in_utc(row.started_at) if is_running and row.started_at else None,
        shares=shares,
    )


def _finished(session: Session, ids: Collection[str]) -> dict[tuple[str, int], list[str]]:
    """The stages that have ended, by job and attempt."""
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    columns = (StageRunRow.job_id, StageRunRow.attempt, StageRunRow.stage)
    for some in portions(sorted(ids)):
        query = select(*columns).where(StageRunRow.job_id.in_(some))
        for job_id, attempt, stage in session.execute(query).tuples():
            found[job_id, attempt].append(stage)
    return found

"""Jobs in a database: each done once, by one process at a time, with how it went."""

import os
import socket
import sys
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from trax.errors import InvalidOption, NotFound
from trax.progress import StageRun
from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.events import JobEvent, add_event, add_events
from trax.store.rows import older, portions, put_recording, read_row, upsert
from trax.store.sight import EVERYTHING, Sight, seen_job
from trax.store.tables import JobEventRow, JobRow, StageRunRow

LEASE = timedelta(seconds=60)
"""How long a job belongs to a process after its last sign of life."""


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Running by its row, but its process has not been heard of for a while. Never stored."""


ENDED = frozenset((JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED))
"""Where a job stays until somebody starts it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What makes a job the one it is, and how to find its subject again.

    Attributes:
        pipeline: name of the pipeline.
        key: digest of the subject and the options: the same for the same job.
        recording_sha256: digest of the recording's bytes; ``None`` if the subject is something
            else.
        name: the subject's name, for people.
        source: where the subject lies.
        size_bytes: of the recording; 0 without one.
        options: as JSON.
        account: whose it is; empty if it is nobody's. The same recording of somebody else is
            another job.
        folder_id: the folder in which it is shared; ``None`` if it is in none.
    """

    pipeline: str
    key: str
    recording_sha256: str | None
    name: str
    source: str
    size_bytes: int
    options: dict[str, Any]
    account: str = ""
    folder_id: str | None = None

    @property
    def id(self) -> str:
        """A short name, the same for the same job."""
        return self.key[:12]


class Renewal(StrEnum):
    """What a process learns when it says that it still works on a job."""

    HELD = "held"
    CANCEL = "cancel"
    """Somebody asked for the job to be cancelled."""
    LOST = "lost"
    """Another process works on it by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as the database knows it.

    Attributes:
        progress: share of the stage that is done, 0 to 1.
        error: the failure report; ``None`` if it did not fail.
        attempts: how often work on it began.
        queued_at: since when a service is to see that it is done; ``None`` if none is.
        cancel_requested_at: since when it is to be cancelled; ``None`` if nobody asked.
    """

    id: str
    pipeline: str
    recording_sha256: str | None
    name: str
    source: str
    options: dict[str, Any]
    status: JobStatus
    stage: str
    progress: float
    attempts: int
    error: dict[str, Any] | None
    owner: str
    flow_run_id: str
    transcript_id: str | None
    transcript_version: int | None
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    account: str = ""
    folder_id: str | None = None


class JobRepository:
    """Keeps and finds jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, request: JobRequest, owner: str, flow_run_id: str = "") -> int | None:
        """Take a job, made if it is new; gives the attempt's number, or ``None`` if another has it.

        A job belongs to its owner until it ends, until the owner was not heard of for `LEASE`, or
        until the owner is known to be dead. An owner may claim it again: the answer to its first
        claim may have been lost.
        """
        with self._database.writing() as session:
            now = self._database.now(session)
            sha256 = request.recording_sha256
            if sha256 is not None:
                put_recording(session, sha256, request.name, request.size_bytes)
            new = {
                "id": request.id,
                "idempotency_key": request.key,
                "pipeline": request.pipeline,
                "recording_sha256": sha256,
                "status": JobStatus.QUEUED,
                "created_at": now,
                "account": request.account,
                "folder_id": request.folder_id,
            }
            named = {"name": request.name, "source": request.source, "options": request.options}
            statement = upsert(session, JobRow).values(**new, **named)
            session.execute(
                statement.on_conflict_do_update(index_elements=["idempotency_key"], set_=named)
            )
            holder = session.scalar(select(JobRow.owner).where(JobRow.id == request.id)) or ""
            lost = JobRow.heartbeat_at < now - LEASE
            free = or_(JobRow.status != JobStatus.RUNNING, lost, JobRow.owner == owner)
            if is_dead(holder):
                free = or_(free, JobRow.owner == holder)
            taken = (
                update(JobRow)
                .where(JobRow.id == request.id, free)
                .values(flow_run_id=flow_run_id, **begun(owner, now))
            )
            return session.scalar(taken.returning(JobRow.attempts))

    def renew(self, job_id: str, owner: str, stage: str, progress: float) -> Renewal:
        """Say that *owner* still works on a job, and how far it is."""
        with self._database.noting() as session:
            now = self._database.now(session)
            mine = _changed(
                session, job_id, owner, stage=stage, progress=progress, heartbeat_at=now
            )
            if not mine:
                return Renewal.LOST
            asked = session.scalar(select(JobRow.cancel_requested_at).where(JobRow.id == job_id))
            return Renewal.CANCEL if asked else Renewal.HELD

    def cancel(self, job_id: str) -> JobRecord:
        """Ask for a job to be cancelled: at once if nobody works on it, else by whoever does.

        Raises:
            NotFound: there is no such job.
            InvalidOption: it has ended already.
        """
        job = self.get(job_id)
        if job.status in ENDED:
            raise InvalidOption(f"job {job.id} has ended already: it is {job.status}")
        with self._database.writing() as session:
            now = self._database.now(session)
            values: dict[str, object] = {"cancel_requested_at": now}
            if job.status != JobStatus.RUNNING:
                values |= {
                    "status": JobStatus.CANCELLED,
                    "finished_at": now,
                    "queued_at": None,
                }
            session.execute(update(JobRow).where(JobRow.id == job.id).values(**values))
            add_entry(session, "job.cancel", job.id)
            if job.status != JobStatus.RUNNING:
                add_event(session, job.id, now, job.attempts, "ended", JobStatus.CANCELLED)
        return self.get(job.id)

    def complete(self, job_id: str, owner: str) -> bool:
        """End a job well; false if it is another's by now."""
        with self._database.writing() as session:
            now = self._database.now(session)
            done = {
                "status": JobStatus.COMPLETED,
                "progress": 1.0,
                "finished_at": now,
                "queued_at": None,
            }
            return _ended(session, job_id, owner, now, done)

    def fail(
        self, job_id: str, owner: str, report: dict[str, Any], status: JobStatus = JobStatus.FAILED
    ) -> bool:
        """End a job badly, with a report; false if it is another's by now."""
        with self._database.writing() as session:
            now = self._database.now(session)
            done = {
                "status": status,
                "error": report,
                "stage": report.get("stage", ""),
                "finished_at": now,
                "queued_at": None,
            }
            if not _ended(session, job_id, owner, now, done):
                return False
            add_entry(session, f"job.{status}", job_id, error=report.get("error", ""))
            return True

    def record(self, job_id: str, attempt: int, run: StageRun) -> None:
        """Record how a stage went."""
        self.keep(job_id, attempt, (), (run,))

    def add_events(self, job_id: str, events: Sequence[JobEvent]) -> None:
        """Keep what happened to a job; ids are given by the database."""
        self.keep(job_id, 0, events, ())

    def keep(
        self,
        job_id: str,
        attempt: int,
        events: Sequence[JobEvent],
        runs: Sequence[StageRun],
    ) -> None:
        """Keep what happened to a job and how stages of an attempt went, in one transaction."""
        rows = [{"job_id": job_id, "attempt": attempt, **asdict(run)} for run in runs]
        if not rows and not events:
            return
        with self._database.writing() as session:
            if rows:
                session.execute(insert(StageRunRow), rows)
            add_events(session, job_id, events)

    def events(self, job_id: str, after: int = 0) -> list[JobEvent]:
        """What happened to a job since the event with the id *after*, oldest first."""
        query = (
            select(JobEventRow)
            .where(JobEventRow.job_id == job_id, JobEventRow.id > after)
            .order_by(JobEventRow.id)
        )
        with self._database.reading() as session:
            return [read_row(JobEvent, row) for row in session.scalars(query)]

    def stage_runs(self, job_id: str) -> list[StageRun]:
        """How the newest run of each stage of a job went, in the order in which they ended."""
        with self._database.reading() as session:
            return _stage_runs(session, job_id)

    def get(self, reference: str) -> JobRecord:
        """The job whose id is or begins with *reference*.

        Raises:
            NotFound: there is none.
            InvalidOption: several ids begin with it.
        """
        query = (
            select(JobRow)
            .where(JobRow.id.startswith(reference, autoescape=True))
            .order_by(JobRow.id)
            .limit(2)
        )
        with self._database.reading() as session:
            rows = session.scalars(query).all()
            found = [self._record(session, row) for row in rows[:1]]
        if not found:
            raise NotFound("job", reference)
        if len(rows) > 1 and found[0].id != reference:
            raise InvalidOption(f"several jobs begin with {reference!r}; give more of the id")
        return found[0]

    def of_transcript(self, transcript_id: str) -> JobRecord:
        """The newest job that made a transcript.

        Raises:
            NotFound: there is none.
        """
        query = (
            select(JobRow)
            .where(JobRow.transcript_id == transcript_id)
            .order_by(JobRow.created_at.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.scalar(query)
            if row is None:
                raise NotFound("job that made transcript", transcript_id)
            return self._record(session, row)

    def look(self, job_id: str) -> tuple[JobRecord, list[StageRun]] | None:
        """The job with that id and how the newest run of each stage went; ``None`` if there is
        none.
        """
        with self._database.reading() as session:
            row = session.get(JobRow, job_id)
            if row is None:
                return None
            return self._record(session, row), _stage_runs(session, job_id)

    def of_recording(
        self, sha256: str, most: int = 50, sight: Sight = EVERYTHING
    ) -> list[JobRecord]:
        """At most *most* jobs about a recording, newest first, as far as they are seen."""
        query = select(JobRow).where(JobRow.recording_sha256 == sha256, seen_job(sight))
        query = query.order_by(JobRow.created_at.desc(), JobRow.id).limit(most)
        with self._database.reading() as session:
            return [self._record(session, row) for row in session.scalars(query)]

    def known(self, ids: Collection[str]) -> dict[str, JobRecord]:
        """Those of the jobs *ids* that exist, by id."""
        return {job.id: job for job in self._where(JobRow.id, ids)}

    def of_runs(self, flow_run_ids: Collection[str]) -> dict[str, JobRecord]:
        """The jobs that Prefect's runs took last, by the run's id."""
        return {job.flow_run_id: job for job in self._where(JobRow.flow_run_id, flow_run_ids)}

    def _where(
        self, column: InstrumentedAttribute[str], values: Collection[str]
    ) -> Iterator[JobRecord]:
        """The jobs that have one of *values* in a column."""
        with self._database.reading() as session:
            for some in portions(sorted(values)):
                for row in session.scalars(select(JobRow).where(column.in_(some))):
                    yield self._record(session, row)

    def moved(self, job_id: str, source: str) -> None:
        """Record that a job's recording lies somewhere else now."""
        with self._database.writing() as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(source=source))

    def newest(
        self,
        statuses: Collection[JobStatus] = (),
        most: int = 50,
        after: tuple[datetime, str] | None = None,
        sight: Sight = EVERYTHING,
        folder_id: str | None = None,
    ) -> list[JobRecord]:
        """At most *most* jobs, newest first; only those with one of *statuses* if any are named.

        Args:
            after: time and id of the job that comes before the first of them.
            sight: whoever looks sees no others.
            folder_id: only those in that folder.
        """
        query = select(JobRow).where(seen_job(sight)).order_by(JobRow.created_at.desc(), JobRow.id)
        if after is not None:
            query = query.where(older(JobRow.created_at, JobRow.id, after))
        if folder_id is not None:
            query = query.where(JobRow.folder_id == folder_id)
        if not statuses:
            query = query.limit(most)
        else:
            stored = set(statuses)
            if JobStatus.LOST in statuses:
                stored.add(JobStatus.RUNNING)
            query = query.where(JobRow.status.in_(stored))
        found: list[JobRecord] = []
        with self._database.reading() as session:
            for row in session.scalars(query):
                record = self._record(session, row)
                if not statuses or record.status in statuses:
                    found.append(record)
                if len(found) == most:
                    break
        return found

    def _record(self, session: Session, row: JobRow) -> JobRecord:
        status = JobStatus(row.status)
        if status is JobStatus.RUNNING and _is_silent(row, self._database.now(session)):
            status = JobStatus.LOST
        return read_row(JobRecord, row, status=status)

    def recordings_in_work(self) -> set[str]:
        """SHA-256 of every recording that a living process works on."""
        running = self.newest((JobStatus.RUNNING,), sys.maxsize)
        return {job.recording_sha256 for job in running if job.recording_sha256}


def new_owner() -> str:
    """A name for this process as the worker on one job."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether the process *owner* ran on this machine and has ended.

    Nothing is known of processes on other machines.
    """
    host, _, rest = owner.partition("/")
    process = rest.partition("/")[0]
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def begun(owner: str, now: datetime) -> dict[str, Any]:
    """What a job's row says when *owner* begins to work on it."""
    return {
        "status": JobStatus.RUNNING,
        "owner": owner,
        "attempts": JobRow.attempts + 1,
        "stage": "",
        "progress": 0.0,
        "error": None,
        "started_at": now,
        "heartbeat_at": now,
        "finished_at": None,
        "cancel_requested_at": None,
    }


def _ended(
    session: Session, job_id: str, owner: str, now: datetime, values: dict[str, Any]
) -> bool:
    """End a running job of *owner*; false if it is another's by now."""
    if not _changed(session, job_id, owner, **values):
        return False
    attempt = session.scalar(select(JobRow.attempts).where(JobRow.id == job_id)) or 0
    add_event(session, job_id, now, attempt, "ended", values["status"])
    return True


def _stage_runs(session: Session, job_id: str) -> list[StageRun]:
    """How the newest run of each stage of a job went, in the order in which they ended."""
    query = select(StageRunRow).where(StageRunRow.job_id == job_id).order_by(StageRunRow.id)
    newest: dict[str, StageRunRow] = {}
    for row in session.scalars(query):
        newest.pop(row.stage, None)
        newest[row.stage] = row
    return [read_row(StageRun, row) for row in newest.values()]


def _changed(session: Session, job_id: str, owner: str, **values: object) -> bool:
    """Change a running job of *owner*; false if it is another's by now."""
    mine = (JobRow.id == job_id, JobRow.owner == owner, JobRow.status == JobStatus.RUNNING)
    statement = update(JobRow).where(*mine).values(**values).returning(JobRow.id)
    return session.scalar(statement) is not None


def _is_silent(row: JobRow, now: datetime) -> bool:
    """Whether nobody will be heard of any more who works on a running job."""
    if row.heartbeat_at is None or in_utc(row.heartbeat_at) < now - LEASE:
        return True
    return is_dead(row.owner)

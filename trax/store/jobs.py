"""Jobs in a database: each done once, by one process at a time, with how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from trax.errors import InvalidOption
from trax.progress import Heard, StageRun
from trax.store.audit import add_entry
from trax.store.events import JobEvent, add_event, add_events
from trax.store.job_finder import JobFinder
from trax.store.job_values import (
    ENDED,
    JobRecord,
    JobRequest,
    JobStatus,
    Renewal,
    has_forgotten,
)
from trax.store.owners import LEASE, begun, is_dead
from trax.store.passages import add_passages, forget_passages
from trax.store.rows import put_recording, upsert
from trax.store.tables import JobRow, StageRunRow


class JobRepository(JobFinder):
    """Keeps jobs, too."""

    def claim(self, request: JobRequest, owner: str, flow_run_id: str = "") -> int | None:
        """Take a job, made if it is new; gives the attempt's number, or ``None`` if another has it.

        A job belongs to its owner until it ends, until the owner was not heard of for `LEASE`, or
        until the owner is known to be dead. An owner may claim it again: the answer to its first
        claim may have been lost. Options that say that a voice was forgotten stay as they are:
        whoever does the job again may not know of that.
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
                "given": request.given,
            }
            options = _lasting_options(session, request)
            named = {"name": request.name, "source": request.source, "options": options}
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
            attempt = session.scalar(taken.returning(JobRow.attempts))
            if attempt is not None:
                forget_passages(session, request.id)
            return attempt

    def renew(self, job_id: str, owner: str, stage: str, progress: float) -> Renewal:
        """Say that *owner* still works on a job, and how far it is."""
        with self._database.noting() as session:
            now = self._database.now(session)
            mine = _changed(
                session, job_id, owner, stage=stage, progress=progress, heartbeat_at=now
            )
            if not mine:
                return Renewal.CANCEL if _is_ended(session, job_id, owner) else Renewal.LOST
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
                forget_passages(session, job.id)
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
        """End a job badly, with a report; false if it is another's by now. If a voice of it was
        forgotten, the report has the job's options, not those that whoever did it knew.
        """
        with self._database.writing() as session:
            now = self._database.now(session)
            options = session.scalar(select(JobRow.options).where(JobRow.id == job_id))
            known = {"options": options} if options and has_forgotten(options) else {}
            done = {
                "status": status,
                "error": report | known,
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
        heard: Sequence[Heard] = (),
        first: int = 0,
    ) -> None:
        """Keep what happened to a job and how stages of an attempt went, in one transaction.

        Args:
            heard: what was recognised since; it is forgotten when the job ends.
            first: the number of the first of these passages.
        """
        rows = [{"job_id": job_id, "attempt": attempt, **asdict(run)} for run in runs]
        if not rows and not events and not heard:
            return
        with self._database.noting() as session:
            if rows:
                session.execute(insert(StageRunRow), rows)
            add_passages(session, job_id, first, heard)
            add_events(session, job_id, events)

    def voice_forgotten(
        self, job_id: str, options: Mapping[str, Any], report: dict[str, Any]
    ) -> bool:
        """Record that a voice of a job was forgotten; its *options* no longer say whose it was.

        A job that has not ended fails with the *report*, at once; whether it does.
        """
        row = JobRow.id == job_id
        with self._database.writing() as session:
            now = self._database.now(session)
            error = session.scalar(select(JobRow.error).where(row))
            values: dict[str, object] = {"options": dict(options)}
            if error:
                values["error"] = {**error, "options": dict(options)}
            session.execute(update(JobRow).where(row).values(values))
            add_entry(session, "job.voice_forgotten", job_id)
            failed = {
                "status": JobStatus.FAILED,
                "error": report,
                "finished_at": now,
                "queued_at": None,
            }
            begun_only = (row, JobRow.status.not_in(ENDED))
            ended = update(JobRow).where(*begun_only).values(failed).returning(JobRow.attempts)
            attempt = session.scalar(ended)
            if attempt is None:
                return False
            forget_passages(session, job_id)
            add_event(session, job_id, now, attempt, "ended", JobStatus.FAILED)
            return True

    def moved(self, job_id: str, source: str) -> None:
        """Record that a job's recording lies somewhere else now."""
        with self._database.writing() as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(source=source))


def _lasting_options(session: Session, request: JobRequest) -> Mapping[str, Any]:
    """What a job's options are: those that say that a voice was forgotten, else those asked for."""
    query = select(JobRow.options).where(JobRow.idempotency_key == request.key)
    kept = session.scalar(query.with_for_update())
    return kept if kept and has_forgotten(kept) else request.options


def _ended(
    session: Session, job_id: str, owner: str, now: datetime, values: dict[str, Any]
) -> bool:
    """End a running job of *owner*; false if it is another's by now."""
    if not _changed(session, job_id, owner, **values):
        return False
    attempt = session.scalar(select(JobRow.attempts).where(JobRow.id == job_id)) or 0
    forget_passages(session, job_id)
    add_event(session, job_id, now, attempt, "ended", values["status"])
    return True


def _is_ended(session: Session, job_id: str, owner: str) -> bool:
    """Whether a job of *owner* was ended by somebody else."""
    ended = (JobRow.id == job_id, JobRow.owner == owner, JobRow.status.in_(ENDED))
    return session.scalar(select(JobRow.id).where(*ended)) is not None


def _changed(session: Session, job_id: str, owner: str, **values: object) -> bool:
    """Change a running job of *owner*; false if it is another's by now."""
    mine = (JobRow.id == job_id, JobRow.owner == owner, JobRow.status == JobStatus.RUNNING)
    statement = update(JobRow).where(*mine).values(**values).returning(JobRow.id)
    return session.scalar(statement) is not None

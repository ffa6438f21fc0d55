"""Jobs that wait for a service: put in, taken out, taken back from the dead."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from trax.errors import InvalidOption, TooManyRequests
from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.events import add_event
from trax.store.job_values import ENDED, JobRequest, JobStatus
from trax.store.owners import LEASE, begun, is_dead
from trax.store.passages import forget_passages
from trax.store.rows import put_recording, upsert
from trax.store.tables import JobRow, RecordingRow, SubmissionRow

_AT_ONCE = 100  # jobs read at once
_ENDS_AFTER = 30  # seconds in which one of several jobs may end
_AGAIN = (JobStatus.FAILED, JobStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Key:
    """What somebody calls a request, so that sending it twice is asking once.

    Attributes:
        owner: whose it is: others may use the same.
    """

    owner: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A job out of the queue.

    Attributes:
        attempt: how often work on it has begun, this time included.
    """

    request: JobRequest
    attempt: int


class JobQueue:
    """The queue of jobs in a database, oldest first; several services may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, request: JobRequest, key: Key | None = None, most: int = 0) -> bool:
        """Queue a job, unless it is done or in the queue already; whether it was put there.

        One that failed or was cancelled is queued again. One that another process works on is
        seen to if that process dies.

        Args:
            most: how many jobs of the account may be there that have not ended; 0: any number.

        Raises:
            InvalidOption: *key* stands for another job.
            TooManyRequests: it would be one more.
        """
        with self._database.writing() as session:
            if key is not None and not _is_first(session, key, request):
                return False
            now = self._database.now(session)
            is_new = _inserted(session, request, now)
            is_put = is_new or _queue_again(session, request.id, now, _AGAIN)
            if not is_put:
                _watch_over(session, request.id, now)
            elif most:
                _check_number(session, request.account, most)
            if key is not None:
                _remember(session, key, request, now)
                _is_first(session, key, request)  # somebody may have used it in the same moment
            return is_put

    def check_room(self, account: str, most: int) -> None:
        """Refuse an account one more job before anything is done for it.

        Args:
            most: how many jobs of the account may be there that have not ended; 0: any number.

        Raises:
            TooManyRequests: it would be one more.
        """
        if most:
            with self._database.reading() as session:
                _check_number(session, account, most, more=1)

    def put_again(self, job_id: str, most: int = 0) -> bool:
        """Queue a job that has ended, however it did; whether it had.

        Args:
            most: how many jobs of its account may be there that have not ended; 0: any number.

        Raises:
            TooManyRequests: it would be one more.
        """
        with self._database.writing() as session:
            now = self._database.now(session)
            if not _queue_again(session, job_id, now, (*_AGAIN, JobStatus.COMPLETED)):
                return False
            if most:
                account = session.scalar(select(JobRow.account).where(JobRow.id == job_id))
                _check_number(session, account or "", most)
            return True

    def take(self, owner: str) -> Taken | None:
        """Take the job that has waited longest; ``None`` if none waits."""
        oldest = (
            select(JobRow.id)
            .where(JobRow.queued_at.is_not(None), JobRow.status == JobStatus.QUEUED)
            .order_by(JobRow.queued_at, JobRow.id)
            .limit(1)
        )
        with self._database.reading() as session:  # nobody waits for a lock to learn of nothing
            if session.scalar(oldest) is None:
                return None
        with self._database.noting() as session:
            job_id = session.scalar(oldest.with_for_update(skip_locked=True))
            if job_id is None:
                return None
            values = begun(owner, self._database.now(session))
            session.execute(update(JobRow).where(JobRow.id == job_id).values(values))
            forget_passages(session, job_id)
            return _taken(session, job_id)

    def unsubmitted(self) -> list[JobRequest]:
        """Queued jobs that no run was submitted for, those first that have waited longest."""
        query = (
            select(JobRow.id)
            .where(
                JobRow.queued_at.is_not(None),
                JobRow.status == JobStatus.QUEUED,
                JobRow.flow_run_id == "",
            )
            .order_by(JobRow.queued_at, JobRow.id)
            .limit(_AT_ONCE)
        )
        with self._database.reading() as session:
            ids = session.scalars(query).all()
            return [_taken(session, job_id).request for job_id in ids]

    def submitted(self, job_id: str, run: str) -> None:
        """Note that a run will do a queued job."""
        queued = (JobRow.id == job_id, JobRow.status == JobStatus.QUEUED)
        with self._database.writing() as session:
            session.execute(update(JobRow).where(*queued).values(flow_run_id=run))

    def take_back(self) -> list[str]:
        """Queue again what dead processes have left; gives the ids of those jobs."""
        watched = (JobRow.queued_at.is_not(None), JobRow.status == JobStatus.RUNNING)
        query = select(JobRow.id, JobRow.owner, JobRow.heartbeat_at).where(*watched)
        with self._database.reading() as session:
            now = self._database.now(session)
            left = [
                (row.id, row.owner)
                for row in session.execute(query)
                if row.heartbeat_at is None
                or in_utc(row.heartbeat_at) < now - LEASE
                or is_dead(row.owner)
            ]
        return [job_id for job_id, owner in left if self._freed(job_id, owner)]

    def give_back(self, job_id: str, owner: str) -> bool:
        """Queue a job again that *owner* will not finish; false if it is another's by now."""
        return self._freed(job_id, owner)

    def ahead(self, job_id: str) -> int:
        """How many jobs wait before this one."""
        mine = select(JobRow.queued_at).where(JobRow.id == job_id).scalar_subquery()
        waiting = (
            select(func.count())
            .select_from(JobRow)
            .where(JobRow.status == JobStatus.QUEUED, JobRow.queued_at < mine)
        )
        with self._database.reading() as session:
            return session.scalar(waiting) or 0

    def counts(self) -> dict[str, int]:
        """How many jobs stand so, by status as it is stored."""
        query = select(JobRow.status, func.count()).group_by(JobRow.status)
        with self._database.reading() as session:
            return {status: int(count) for status, count in session.execute(query).tuples()}

    def longest_wait(self) -> float:
        """Seconds for which the job that comes next has waited; 0 if none waits."""
        query = select(func.min(JobRow.queued_at)).where(JobRow.status == JobStatus.QUEUED)
        with self._database.reading() as session:
            oldest, now = session.scalar(query), self._database.now(session)
            return 0.0 if oldest is None else (now - in_utc(oldest)).total_seconds()

    def known(self, key: Key) -> str | None:
        """The id of the job that was asked for with *key*; ``None`` if none was."""
        with self._database.reading() as session:
            found = session.get(SubmissionRow, (key.owner, key.name))
            return None if found is None else found.job_id

    def forget_keys_before(self, moment: datetime) -> None:
        """Forget keys that were first used before *moment*."""
        with self._database.writing() as session:
            session.execute(delete(SubmissionRow).where(SubmissionRow.created_at < moment))

    def _freed(self, job_id: str, owner: str) -> bool:
        """Queue a running job of *owner* again; false if it is another's by now."""
        mine = (JobRow.id == job_id, JobRow.owner == owner, JobRow.status == JobStatus.RUNNING)
        cancelled = JobRow.cancel_requested_at.is_not(None)
        with self._database.writing() as session:
            now = self._database.now(session)
            ended = {"status": JobStatus.CANCELLED, "finished_at": now, "queued_at": None}
            end = update(JobRow).where(*mine, cancelled).values(**ended)
            attempt = session.scalar(end.returning(JobRow.attempts))
            if attempt is not None:
                forget_passages(session, job_id)
                add_event(session, job_id, now, attempt, "ended", JobStatus.CANCELLED)
            freed = update(JobRow).where(*mine).values(status=JobStatus.QUEUED, owner="")
            attempt = session.scalar(freed.returning(JobRow.attempts))
            if attempt is not None:
                text = "whoever worked on it has stopped"
                add_event(session, job_id, now, attempt, "queued", text)
            return attempt is not None


def request_digest(request: JobRequest) -> str:
    """SHA-256 of what a job is asked for with."""
    text = json.dumps([request.pipeline, request.key], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_first(session: Session, key: Key, request: JobRequest) -> bool:
    """Whether nothing was asked for with *key* before.

    Raises:
        InvalidOption: something else was.
    """
    known = session.get(SubmissionRow, (key.owner, key.name))
    if known is None:
        return True
    if known.digest != request_digest(request):
        raise InvalidOption(f"the key {key.name!r} was used for another request already")
    return False


def _remember(session: Session, key: Key, request: JobRequest, now: datetime) -> None:
    statement = upsert(session, SubmissionRow).values(
        owner=key.owner,
        key=key.name,
        digest=request_digest(request),
        job_id=request.id,
        created_at=now,
    )
    session.execute(statement.on_conflict_do_nothing())


def _check_number(session: Session, account: str, most: int, more: int = 0) -> None:
    """Refuse the job that was just put there, or *more* of them, if that is one too many.

    One that was put there has an event, and who adds one commits before the next: nobody else adds
    a job meanwhile.
    """
    mine = (JobRow.account == account, JobRow.status.not_in(ENDED))
    unfinished = session.scalar(select(func.count()).select_from(JobRow).where(*mine)) or 0
    if unfinished + more > most:
        reason = f"you have {most} jobs that have not ended, which is all you may"
        raise TooManyRequests(reason, _ENDS_AFTER)


def _inserted(session: Session, request: JobRequest, now: datetime) -> bool:
    """Whether the job is new; it is in the queue then."""
    if request.recording_sha256 is not None:
        put_recording(session, request.recording_sha256, request.name, request.size_bytes)
    statement = upsert(session, JobRow).values(
        id=request.id,
        idempotency_key=request.key,
        pipeline=request.pipeline,
        recording_sha256=request.recording_sha256,
        name=request.name,
        source=request.source,
        options=request.options,
        account=request.account,
        folder_id=request.folder_id,
        given=request.given,
        status=JobStatus.QUEUED,
        created_at=now,
        queued_at=now,
    )
    inserted = statement.on_conflict_do_nothing(index_elements=["idempotency_key"])
    if session.scalar(inserted.returning(JobRow.id)) is None:
        return False
    add_entry(session, "job.queued", request.id)
    add_event(session, request.id, now, 0, "queued")
    return True


def _queue_again(
    session: Session, job_id: str, now: datetime, statuses: Collection[JobStatus]
) -> bool:
    values = {
        "status": JobStatus.QUEUED,
        "queued_at": now,
        "error": None,
        "finished_at": None,
        "cancel_requested_at": None,
        "stage": "",
        "progress": 0.0,
        "flow_run_id": "",
    }
    ended = (JobRow.id == job_id, JobRow.status.in_(statuses))
    statement = update(JobRow).where(*ended).values(values).returning(JobRow.attempts)
    attempts = session.scalar(statement)
    if attempts is None:
        return False
    add_entry(session, "job.queued", job_id)
    add_event(session, job_id, now, attempts, "queued")
    return True


def _watch_over(session: Session, job_id: str, now: datetime) -> None:
    """See to a job that is queued, or that another process works on."""
    open_ones = or_(JobRow.status == JobStatus.QUEUED, JobRow.status == JobStatus.RUNNING)
    mine = (JobRow.id == job_id, JobRow.queued_at.is_(None), open_ones)
    session.execute(update(JobRow).where(*mine).values(queued_at=now))


def _taken(session: Session, job_id: str) -> Taken:
    query = select(JobRow, RecordingRow.size_bytes).outerjoin(
        RecordingRow, RecordingRow.sha256 == JobRow.recording_sha256
    )
    row, size_bytes = session.execute(query.where(JobRow.id == job_id)).one()
    request = JobRequest(
        pipeline=row.pipeline,
        key=row.idempotency_key,
        recording_sha256=row.recording_sha256,
        name=row.name,
        source=row.source,
        size_bytes=size_bytes or 0,
        options=row.options,
        account=row.account,
        folder_id=row.folder_id,
        given=row.given,
    )
    return Taken(request=request, attempt=row.attempts)

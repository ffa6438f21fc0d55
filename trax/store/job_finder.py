"""Jobs found in a database, with how they stand and how they went."""

import sys
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trax.errors import InvalidOption, NotFound
from trax.progress import Heard, StageRun
from trax.store.database import Database
from trax.store.events import JobEvent
from trax.store.job_values import JobRecord, JobRequest, JobStatus
from trax.store.owners import is_silent
from trax.store.passages import Standing, passages_of, standing
from trax.store.rows import older, portions, read_row
from trax.store.sight import EVERYTHING, Sight, seen_job
from trax.store.tables import JobEventRow, JobRow, RecordingRow, StageRunRow


class JobFinder:
    """Finds jobs, and what is known of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    def own(self, request: JobRequest) -> JobRequest:
        """*request*, or one for another job if its job was made another's."""
        if not request.account:
            return request  # whoever works for nobody sees everything
        with self._database.reading() as session:
            while True:
                account = session.scalar(select(JobRow.account).where(JobRow.id == request.id))
                if account in (None, request.account):
                    return request
                request = request.anew()

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

    def of_pipeline(self, name: str) -> list[JobRecord]:
        """Every job of a pipeline, newest first."""
        query = select(JobRow).where(JobRow.pipeline == name)
        query = query.order_by(JobRow.created_at.desc(), JobRow.id)
        with self._database.reading() as session:
            return [self._record(session, row) for row in session.scalars(query)]

    def known(self, ids: Collection[str]) -> dict[str, JobRecord]:
        """Those of the jobs *ids* that exist, by id."""
        return {job.id: job for job in self._where(JobRow.id, ids)}

    def of_runs(self, flow_run_ids: Collection[str]) -> dict[str, JobRecord]:
        """The jobs that Prefect's runs took last, by the run's id."""
        return {job.flow_run_id: job for job in self._where(JobRow.flow_run_id, flow_run_ids)}

    def named(self, pipeline: str, name: str) -> list[JobRecord]:
        """The jobs of a pipeline whose subject is called *name*, the newest first."""
        query = select(JobRow).where(JobRow.pipeline == pipeline, JobRow.name == name)
        query = query.order_by(JobRow.created_at.desc(), JobRow.id)
        with self._database.reading() as session:
            return [self._record(session, row) for row in session.scalars(query)]

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

    def heard(self, job_id: str, first: int = 0) -> list[Heard]:
        """What was recognised of a job that is worked on, from the passage of that number on."""
        with self._database.reading() as session:
            return passages_of(session, job_id, first)

    def standing(self) -> Standing:
        """How jobs stand that are worked on."""
        with self._database.reading() as session:
            return standing(session)

    def duration(self, account: str, since: datetime) -> float:
        """Seconds of recordings that *account* has had transcribed since a time, where known."""
        mine = (JobRow.account == account, JobRow.created_at >= since)
        same = RecordingRow.sha256 == JobRow.recording_sha256
        query = select(func.sum(RecordingRow.duration)).select_from(JobRow).join(RecordingRow, same)
        with self._database.reading() as session:
            return session.scalar(query.where(*mine)) or 0.0

    def recordings_in_work(self) -> set[str]:
        """SHA-256 of every recording that a living process works on."""
        running = self.newest((JobStatus.RUNNING,), sys.maxsize)
        return {job.recording_sha256 for job in running if job.recording_sha256}

    def _where(
        self, column: InstrumentedAttribute[str], values: Collection[str]
    ) -> Iterator[JobRecord]:
        """The jobs that have one of *values* in a column."""
        with self._database.reading() as session:
            for some in portions(sorted(values)):
                for row in session.scalars(select(JobRow).where(column.in_(some))):
                    yield self._record(session, row)

    def _record(self, session: Session, row: JobRow) -> JobRecord:
        status = JobStatus(row.status)
        if status is JobStatus.RUNNING and is_silent(row, self._database.now(session)):
            status = JobStatus.LOST
        return read_row(JobRecord, row, status=status)


def _stage_runs(session: Session, job_id: str) -> list[StageRun]:
    """How the newest run of each stage of a job went, in the order in which they ended."""
    query = select(StageRunRow).where(StageRunRow.job_id == job_id).order_by(StageRunRow.id)
    newest: dict[str, StageRunRow] = {}
    for row in session.scalars(query):
        newest.pop(row.stage, None)
        newest[row.stage] = row
    return [read_row(StageRun, row) for row in newest.values()]

"""People's decisions that are to be carried over to what a job makes of a recording."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from trax.store.database import Database
from trax.store.job_values import JobStatus
from trax.store.revision_tables import CarryRow
from trax.store.revisions import Author
from trax.store.rows import upsert
from trax.store.tables import JobRow, utc_now

_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """Decisions to be carried over, once a job has ended well.

    Attributes:
        job_id: the job.
        source: id of the transcript in which they were made.
        author: whoever asked.
        transcript_id: what the job made.
        version: that the job made.
    """

    job_id: str
    source: str
    author: Author
    transcript_id: str
    version: int


class CarryRepository:
    """Keeps what is to be carried over, and what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, job_id: str, source: str, author: Author) -> None:
        """Have the decisions in the transcript *source* carried over to what a job makes."""
        values: dict[str, Any] = {
            "source": source,
            "author_id": author.id,
            "author_name": author.name,
            "created_at": utc_now(),
            "done_at": None,
            "problem": "",
        }
        with self._database.writing() as session:
            row = upsert(session, CarryRow).values(job_id=job_id, **values)
            session.execute(row.on_conflict_do_update(index_elements=["job_id"], set_=values))

    def due(self) -> list[Carry]:
        """What can be carried over now, oldest first."""
        query = (
            select(CarryRow, JobRow)
            .join(JobRow, JobRow.id == CarryRow.job_id)
            .where(CarryRow.done_at.is_(None), JobRow.status == JobStatus.COMPLETED)
            .order_by(CarryRow.created_at, CarryRow.job_id)
            .limit(_AT_ONCE)
        )
        with self._database.reading() as session:
            rows = session.execute(query).tuples().all()
        return [_carry(row, job) for row, job in rows]

    def settle(self, job_id: str, problem: str = "") -> None:
        """Note that it was done, or what the problem is."""
        values = {"done_at": utc_now(), "problem": problem}
        with self._database.writing() as session:
            session.execute(update(CarryRow).where(CarryRow.job_id == job_id).values(values))


def _carry(row: CarryRow, job: JobRow) -> Carry:
    return Carry(
        job_id=row.job_id,
        source=row.source,
        author=Author(row.author_id, row.author_name),
        transcript_id=job.transcript_id or "",
        version=job.transcript_version or 0,
    )

"""What was recognised of jobs so far, for whoever follows them in another process.

Rows stand from the beginning of an attempt to the end of the job, and no longer.
"""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from trax.progress import Heard
from trax.store.job_values import JobStatus
from trax.store.rows import upsert
from trax.store.tables import JobPassageRow, JobRow

Standing = dict[str, tuple[str, float, int]]
"""Of each job that is worked on: its stage, how much of it is done, and how many passages are
known.
"""


def add_passages(session: Session, job_id: str, first: int, heard: Sequence[Heard]) -> None:
    """Keep passages, the first of which is the one of that number; those that are kept stay.

    Of a job that has ended meanwhile none is kept: nobody would forget them.
    """
    rows = [
        {"job_id": job_id, "number": number, **asdict(each)}
        for number, each in enumerate(heard, first)
    ]
    running = select(JobRow.id).where(JobRow.id == job_id, JobRow.status == JobStatus.RUNNING)
    if rows and session.scalar(running.with_for_update(read=True)) is not None:
        session.execute(upsert(session, JobPassageRow).values(rows).on_conflict_do_nothing())


def passages_of(session: Session, job_id: str, first: int) -> list[Heard]:
    """Passages of a job from that number on, in the order in which they were recognised."""
    of_job = (JobPassageRow.job_id == job_id, JobPassageRow.number >= first)
    query = select(JobPassageRow).where(*of_job).order_by(JobPassageRow.number)
    return [Heard(row.start, row.end, row.text) for row in session.scalars(query)]


def forget_passages(session: Session, job_id: str) -> None:
    """Forget what was recognised: work begins anew, or has ended."""
    session.execute(delete(JobPassageRow).where(JobPassageRow.job_id == job_id))


def standing(session: Session) -> Standing:
    """How jobs stand that are worked on."""
    of_job = JobPassageRow.job_id == JobRow.id
    passages = select(func.count()).where(of_job).correlate(JobRow).scalar_subquery()
    query = select(JobRow.id, JobRow.stage, JobRow.progress, passages)
    running = session.execute(query.where(JobRow.status == JobStatus.RUNNING)).tuples()
    return {job_id: (stage, share, count) for job_id, stage, share, count in running}

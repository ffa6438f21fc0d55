"""What happens to jobs, as rows: their ids rise in the order in which they can be read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from trax.store.database import Database
from trax.store.rows import read_row
from trax.store.sight import EVERYTHING, Sight, seen_job
from trax.store.tables import JobEventRow, JobRow

_ORDER_LOCK = 0x74726165  # Postgres advisory lock: who adds events commits before the next one
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """Something that happened to a job.

    Attributes:
        id: rises from event to event.
        kind: ``queued``, ``started``, ``finished``, ``failed``, ``noted``, or ``ended``, whose text
            is how the job stands since.
        text: the stage, and what there is to say.
    """

    id: int
    attempt: int
    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class EventOf:
    """An event, and whose it is."""

    job_id: str
    event: JobEvent


class EventRepository:
    """Reads what happens to any job."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> int:
        """The id of the newest event; 0 if there is none."""
        with self._database.reading() as session:
            return newest_event(session)

    def after(self, event_id: int, sight: Sight = EVERYTHING) -> list[EventOf]:
        """Events since the one with that id, oldest first, as many as are read at once; of jobs
        that are seen.
        """
        query = select(JobEventRow).where(JobEventRow.id > event_id).order_by(JobEventRow.id)
        if not sight.is_whole:
            query = query.join(JobRow, JobRow.id == JobEventRow.job_id).where(seen_job(sight))
        with self._database.reading() as session:
            rows = session.scalars(query.limit(_AT_ONCE))
            return [EventOf(row.job_id, read_row(JobEvent, row)) for row in rows]


def newest_event(session: Session) -> int:
    """The id of the newest event; 0 if there is none."""
    return session.scalar(select(func.max(JobEventRow.id))) or 0


def add_events(session: Session, job_id: str, events: Sequence[JobEvent]) -> None:
    """Add events, whose ids the database gives, at the end of a transaction.

    On Postgres ids are given before others see the rows; one at a time, so that whoever has read
    one misses none with a smaller id.
    """
    rows = [{"job_id": job_id, **asdict(event)} for event in events]
    for row in rows:
        del row["id"]
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ORDER_LOCK)))
    session.execute(insert(JobEventRow), rows)


def add_event(
    session: Session, job_id: str, at: datetime, attempt: int, kind: str, text: str = ""
) -> None:
    """Add one event."""
    event = JobEvent(id=0, attempt=attempt, at=at, kind=kind, text=text)
    add_events(session, job_id, [event])

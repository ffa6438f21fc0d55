"""From what happens to jobs to messages: each event is read once, whichever process reads it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from trax.store.database import Database
from trax.store.deliveries import Message, add_deliveries
from trax.store.events import JobEvent, newest_event
from trax.store.rows import read_row, upsert
from trax.store.sight import Sight, sees_job, sight_of
from trax.store.tables import FeedRow, JobEventRow, JobRow, WebhookRow
from trax.store.webhooks import Webhook, keep_webhook

_NAME = "webhooks"
_AT_ONCE = 1000  # events


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event of a job, with what a message about it needs.

    Attributes:
        transcript: id and version of the transcript that the job has made; ``None`` if it has none.
    """

    job_id: str
    event: JobEvent
    transcript: tuple[str, int] | None


Describe = Callable[[Told], Message | None]
"""Gives the message about an event; ``None`` if nobody is told of it."""

_Hook = tuple[WebhookRow, Sight]


class Telling:
    """Makes deliveries of events, in their order, for the webhooks that want them."""

    def __init__(self, database: Database, describe: Describe) -> None:
        self._database = database
        self._describe = describe

    def spread(self, now: datetime) -> int:
        """Make deliveries of what has happened since the last time; gives how many events were
        read.
        """
        if not self._is_behind():
            return 0
        with self._database.writing() as session:
            come = _locked(session)
            found = _told(session, JobEventRow.id > come)
            jobs = {told.job_id for told in found}
            hooks = _hooks(session, _in_use(), _about(jobs))
            for told in found:
                self._tell(session, told, hooks, now)
            if found:
                _move(session, found[-1].event.id)
            return len(found)

    def add_to_job(self, webhook: Webhook, now: datetime) -> Webhook:
        """Keep a webhook for one job, and tell it of what has happened since the job was queued
        last; gives the one that its owner has for that job and address, if there is one already.
        """
        same = (
            WebhookRow.owner == webhook.owner,
            WebhookRow.job_id == webhook.job_id,
            WebhookRow.url == webhook.url,
        )
        with self._database.writing() as session:
            come = _locked(session)
            found = session.scalar(select(WebhookRow).where(*same))
            if found is not None:
                return read_row(Webhook, found)
            keep_webhook(session, webhook, come)
            hooks = _hooks(session, WebhookRow.id == webhook.id)
            for told in _last_run(session, webhook.job_id, come):
                self._tell(session, told, hooks, now, is_past=True)
        return webhook

    def _is_behind(self) -> bool:
        with self._database.reading() as session:  # nobody waits for a lock to learn of nothing
            return newest_event(session) > _come(session)

    def _tell(
        self,
        session: Session,
        told: Told,
        hooks: Sequence[_Hook],
        now: datetime,
        *,
        is_past: bool = False,
    ) -> None:
        message = self._describe(told)
        if message is None:
            return
        wanted = [
            hook.id
            for hook, sight in hooks
            if hook.job_id in ("", told.job_id)
            and message.event in hook.events.split()
            and (is_past or hook.since < told.event.id)
            and sees_job(session, sight, told.job_id)
        ]
        add_deliveries(session, message, wanted, now)


def _hooks(session: Session, *conditions: ColumnElement[bool]) -> list[_Hook]:
    """Webhooks, each with what its owner sees."""
    rows = session.scalars(select(WebhookRow).where(*conditions)).all()
    return [(row, sight_of(session, row.owner, is_whole=row.is_whole)) for row in rows]


def _in_use() -> ColumnElement[bool]:
    return WebhookRow.disabled_at.is_(None)


def _about(jobs: Collection[str]) -> ColumnElement[bool]:
    return or_(WebhookRow.job_id == "", WebhookRow.job_id.in_(jobs))


def _locked(session: Session) -> int:
    """The event to read on after; nobody else reads on until the transaction has ended."""
    first = upsert(session, FeedRow).values(name=_NAME, event_id=0)
    session.execute(first.on_conflict_do_nothing())
    session.execute(select(FeedRow.name).where(FeedRow.name == _NAME).with_for_update())
    return _come(session)


def _come(session: Session) -> int:
    """The event to read on after: what happened before anybody wanted to be told is passed over."""
    oldest = session.scalar(select(func.min(WebhookRow.since)).where(_in_use()))
    if oldest is None:
        return newest_event(session)
    read = session.scalar(select(FeedRow.event_id).where(FeedRow.name == _NAME))
    return max(read or 0, oldest)


def _move(session: Session, event_id: int) -> None:
    session.execute(update(FeedRow).where(FeedRow.name == _NAME).values(event_id=event_id))


def _told(session: Session, *conditions: ColumnElement[bool]) -> list[Told]:
    """Events, oldest first, as many as are read at once."""
    query = (
        select(JobEventRow, JobRow.transcript_id, JobRow.transcript_version)
        .join(JobRow, JobRow.id == JobEventRow.job_id)
        .where(*conditions)
        .order_by(JobEventRow.id)
        .limit(_AT_ONCE)
    )
    return [
        Told(
            job_id=event.job_id,
            event=read_row(JobEvent, event),
            transcript=None if transcript is None or version is None else (transcript, version),
        )
        for event, transcript, version in session.execute(query).tuples()
    ]


def _last_run(session: Session, job_id: str, come: int) -> list[Told]:
    """What has happened to a job since it was queued last, up to the event *come*."""
    of_job = JobEventRow.job_id == job_id
    queued = select(func.max(JobEventRow.id)).where(of_job, JobEventRow.kind == "queued")
    since = session.scalar(queued) or 0
    return _told(session, of_job, JobEventRow.id >= since, JobEventRow.id <= come)

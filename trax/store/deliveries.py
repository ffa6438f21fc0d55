"""Messages to webhooks, as rows: a queue that outlives whoever sends, and the log of what was sent.

A message is due at its ``next_at``. Whoever takes one moves that into the near future, so that it
comes again if they die; so a message may arrive twice, and never gets lost.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from trax.errors import NotFound
from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.rows import read_row
from trax.store.tables import DeliveryRow, WebhookRow

PENDING = "pending"
DELIVERED = "delivered"
FAILED = "failed"

AWAY = (429, 502, 503, 504)
"""Statuses that say that a receiver, or what stands before it, takes nothing just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What somebody is told.

    Attributes:
        event: its type, such as ``job.completed``.
        body: JSON.
    """

    event: str
    job_id: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message to a webhook, and how sending it went.

    Attributes:
        id: rises from message to message.
        state: ``pending``, ``delivered``, or ``failed`` once nobody tries any more.
        queued_at: when it was to be sent first, or again because somebody asked.
        next_at: when it is to be sent, if it is pending.
        tried_at: when it was sent last; ``None`` if never.
        status: the HTTP status of the last answer; ``None`` if there was none.
        took_ms: how long that took.
        error: why it has not arrived; empty if it has.
    """

    id: int
    webhook_id: str
    job_id: str
    event: str
    body: str
    state: str
    attempts: int
    queued_at: datetime
    next_at: datetime
    tried_at: datetime | None
    status: int | None
    took_ms: int | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one try to send a message went.

    Attributes:
        status: the HTTP status of the answer; ``None`` if there was none.
        error: why the message has not arrived; empty if it has.
    """

    at: datetime
    took_ms: int
    status: int | None = None
    error: str = ""


class DeliveryRepository:
    """Messages to webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, message: Message, webhook_id: str, now: datetime) -> int:
        """Queue a message to one webhook, and give its id."""
        with self._database.writing() as session:
            add_deliveries(session, message, [webhook_id], now)
            of_webhook = DeliveryRow.webhook_id == webhook_id
            return session.scalar(select(func.max(DeliveryRow.id)).where(of_webhook)) or 0

    def get(self, webhook_id: str, delivery_id: int) -> Delivery:
        """A message to a webhook.

        Raises:
            NotFound: there is none of that id.
        """
        with self._database.reading() as session:
            row = session.get(DeliveryRow, delivery_id)
            if row is None or row.webhook_id != webhook_id:
                raise NotFound("delivery", str(delivery_id))
            return read_row(Delivery, row)

    def newest(
        self, webhook_id: str, most: int, before: int | None = None, state: str = ""
    ) -> list[Delivery]:
        """At most *most* messages to a webhook, newest first.

        Args:
            before: the id of the message that comes before the first of them.
            state: only those that stand so.
        """
        query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
        if before is not None:
            query = query.where(DeliveryRow.id < before)
        if state:
            query = query.where(DeliveryRow.state == state)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(DeliveryRow.id.desc()).limit(most))
            return [read_row(Delivery, row) for row in rows]

    def due(self, now: datetime, busy: Collection[str] = ()) -> list[str]:
        """Ids of webhooks to which something is to be sent, but for those that are *busy*."""
        query = (
            select(DeliveryRow.webhook_id)
            .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
            .where(WebhookRow.disabled_at.is_(None), *_due(now))
            .where(or_(WebhookRow.rests_until.is_(None), WebhookRow.rests_until <= now))
            .where(DeliveryRow.webhook_id.not_in(busy))
            .distinct()
        )
        with self._database.reading() as session:
            return list(session.scalars(query))

    def take(self, webhook_id: str, now: datetime, until: datetime, most: int) -> list[Delivery]:
        """Take messages that are due, of each job the first that has not arrived; they come again
        *until* they are settled.
        """
        query = (
            select(DeliveryRow)
            .where(DeliveryRow.webhook_id == webhook_id, *_due(now))
            .order_by(DeliveryRow.id)
            .limit(most)
        )
        with self._database.writing() as session:
            rows = session.scalars(query.with_for_update(skip_locked=True)).all()
            taken = [read_row(Delivery, row) for row in rows]
            for row in rows:
                row.next_at = until
            return taken

    def arrived(self, delivery: Delivery, outcome: Outcome) -> None:
        """Note that a message has arrived; those that found nobody are due again if its webhook was
        failing.
        """
        mine = DeliveryRow.id == delivery.id
        values = _values(delivery, outcome) | {"state": DELIVERED}
        failing = (WebhookRow.id == delivery.webhook_id, WebhookRow.failing_since.is_not(None))
        well = update(WebhookRow).where(*failing).values(failing_since=None)
        with self._database.writing() as session:
            session.execute(update(DeliveryRow).where(mine).values(**values))
            if session.scalar(well.returning(WebhookRow.id)) is not None:
                waiting = _found_nobody(delivery.webhook_id)
                session.execute(update(DeliveryRow).where(*waiting).values(next_at=outcome.at))

    def missed(self, delivery: Delivery, outcome: Outcome, next_at: datetime | None) -> datetime:
        """Note that a message has not arrived; gives since when its webhook has been failing.

        Args:
            next_at: when it is sent again; ``None`` if it is not.
        """
        values = _values(delivery, outcome)
        values |= {"state": FAILED} if next_at is None else {"next_at": next_at}
        mine = (DeliveryRow.id == delivery.id, DeliveryRow.state == PENDING)
        hook = WebhookRow.id == delivery.webhook_id
        ill = update(WebhookRow).where(hook, WebhookRow.failing_since.is_(None))
        with self._database.writing() as session:
            session.execute(update(DeliveryRow).where(*mine).values(**values))
            session.execute(ill.values(failing_since=outcome.at))
            since = session.scalar(select(WebhookRow.failing_since).where(hook))
            return outcome.at if since is None else in_utc(since)

    def replay(self, webhook_id: str, delivery_id: int, now: datetime) -> None:
        """Send a message again, whether it has arrived or not; a missing one is no error."""
        mine = (DeliveryRow.webhook_id == webhook_id, DeliveryRow.id == delivery_id)
        with self._database.writing() as session:
            session.execute(update(DeliveryRow).where(*mine).values(_again(now)))

    def replay_failed(self, webhook_id: str, since: datetime, now: datetime) -> int:
        """Send messages again that have failed and were queued *since* then; gives how many."""
        failed = (
            DeliveryRow.webhook_id == webhook_id,
            DeliveryRow.state == FAILED,
            DeliveryRow.queued_at >= since,
        )
        again = update(DeliveryRow).where(*failed).values(_again(now)).returning(DeliveryRow.id)
        with self._database.writing() as session:
            return len(session.scalars(again).all())

    def disable(self, webhook_id: str, note: str, now: datetime) -> None:
        """Send nothing more to a webhook, nor what waits to be sent; *note* says why."""
        in_use = (WebhookRow.id == webhook_id, WebhookRow.disabled_at.is_(None))
        disabled = update(WebhookRow).where(*in_use).values(disabled_at=now, note=note)
        waiting = (DeliveryRow.webhook_id == webhook_id, DeliveryRow.state == PENDING)
        with self._database.writing() as session:
            if session.scalar(disabled.returning(WebhookRow.id)) is None:
                return
            session.execute(update(DeliveryRow).where(*waiting).values(state=FAILED, error=note))
            add_entry(session, "webhook.disabled", webhook_id, note=note)

    def forget_before(self, moment: datetime) -> None:
        """Forget messages that were queued before *moment* and are settled, and webhooks for one
        job that were made before it and have no message left.
        """
        settled = DeliveryRow.state.in_((DELIVERED, FAILED))
        left = exists().where(DeliveryRow.webhook_id == WebhookRow.id)
        old = (WebhookRow.job_id != "", WebhookRow.created_at < moment, ~left)
        with self._database.writing() as session:
            session.execute(delete(DeliveryRow).where(settled, DeliveryRow.queued_at < moment))
            session.execute(delete(WebhookRow).where(*old))


def add_deliveries(
    session: Session, message: Message, webhook_ids: Collection[str], now: datetime
) -> None:
    """Queue a message to each of some webhooks."""
    values = {
        "job_id": message.job_id,
        "event": message.event,
        "body": message.body,
        "error": "",
    }
    rows = [{"webhook_id": each, **values, **_again(now)} for each in webhook_ids]
    if rows:
        session.execute(insert(DeliveryRow), rows)


def _again(now: datetime) -> dict[str, object]:
    return {"state": PENDING, "attempts": 0, "queued_at": now, "next_at": now}


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Messages whose time has come, and before which none about the same job waits."""
    earlier = aliased(DeliveryRow)
    is_behind = exists().where(
        earlier.webhook_id == DeliveryRow.webhook_id,
        earlier.job_id == DeliveryRow.job_id,
        earlier.state == PENDING,
        earlier.id < DeliveryRow.id,
    )
    return (DeliveryRow.state == PENDING, DeliveryRow.next_at <= now, ~is_behind)


def _found_nobody(webhook_id: str) -> tuple[ColumnElement[bool], ...]:
    """Messages that wait because their receiver was away: those that it refused keep their time."""
    return (
        DeliveryRow.webhook_id == webhook_id,
        DeliveryRow.state == PENDING,
        DeliveryRow.attempts > 0,
        or_(DeliveryRow.status.is_(None), DeliveryRow.status.in_(AWAY)),
    )


def _values(delivery: Delivery, outcome: Outcome) -> dict[str, object]:
    return {
        "attempts": delivery.attempts + 1,
        "tried_at": outcome.at,
        "status": outcome.status,
        "took_ms": outcome.took_ms,
        "error": outcome.error,
    }

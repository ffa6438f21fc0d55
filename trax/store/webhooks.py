"""Webhooks in the database: where somebody is told of jobs."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from trax.errors import NotFound
from trax.store.account_tables import UserRow
from trax.store.audit import add_entry
from trax.store.database import Database
from trax.store.events import newest_event
from trax.store.rows import read_row
from trax.store.sight import MACHINE
from trax.store.tables import DeliveryRow, TokenRow, WebhookRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where somebody is told of jobs.

    Attributes:
        owner: whoever made it.
        events: the types of events that are told, parted by spaces.
        secret: signs what is sent; shown when it was made, and never again.
        old_secret: the one before, which signs, too, until *old_until*; empty if there is none.
        job_id: the only job that it is for; empty if it is for all.
        since: the event after which it is told of them.
        is_whole: whether whoever made it saw everything then; else it is told of no more than what
            is theirs or shared with them, even if they administer.
        failing_since: since when nothing has arrived; ``None`` if the last message did.
        rests_until: before then nothing is sent: the receiver has asked for that.
        disabled_at: since when nothing is sent; ``None`` if something is.
        note: why it was disabled.
    """

    id: str
    owner: str
    url: str
    events: str
    secret: str
    created_at: datetime
    job_id: str = ""
    since: int = 0
    is_whole: bool = False
    old_secret: str = ""
    old_until: datetime | None = None
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    disabled_at: datetime | None = None
    note: str = ""


class WebhookRepository:
    """Keeps and finds webhooks; each change is in the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, webhook: Webhook) -> None:
        """Keep a webhook for all jobs; it is told of what happens from now on."""
        with self._database.writing() as session:
            keep_webhook(session, webhook, newest_event(session))

    def get(self, webhook_id: str) -> Webhook:
        """The webhook of that id.

        Raises:
            NotFound: there is none.
        """
        with self._database.reading() as session:
            row = session.get(WebhookRow, webhook_id)
            if row is None:
                raise NotFound("webhook", webhook_id)
            return read_row(Webhook, row)

    def all(self, owner: str | None = None) -> list[Webhook]:
        """Every webhook for all jobs, newest first; only those of *owner* if one is named."""
        query = select(WebhookRow).where(WebhookRow.job_id == "")
        if owner is not None:
            query = query.where(WebhookRow.owner == owner)
        query = query.order_by(WebhookRow.created_at.desc(), WebhookRow.id)
        with self._database.reading() as session:
            return [read_row(Webhook, row) for row in session.scalars(query)]

    def remove(self, webhook_id: str) -> None:
        """Forget a webhook and what was sent to it."""
        with self._database.writing() as session:
            session.execute(delete(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id))
            session.execute(delete(WebhookRow).where(WebhookRow.id == webhook_id))
            add_entry(session, "webhook.removed", webhook_id)

    def enable(self, webhook_id: str) -> None:
        """Send messages again, about what happens from now on."""
        fresh = {"disabled_at": None, "failing_since": None, "rests_until": None, "note": ""}
        mine = update(WebhookRow).where(WebhookRow.id == webhook_id)
        with self._database.writing() as session:
            session.execute(mine.values(**fresh, since=newest_event(session)))
            add_entry(session, "webhook.enabled", webhook_id)

    def rotate(self, webhook_id: str, secret: str, old_until: datetime) -> None:
        """Sign with another secret, and with the one before as well, until *old_until*."""
        mine = update(WebhookRow).where(WebhookRow.id == webhook_id)
        new = {"secret": secret, "old_secret": WebhookRow.secret, "old_until": old_until}
        with self._database.writing() as session:
            session.execute(mine.values(new))
            add_entry(session, "webhook.rotated", webhook_id)

    def rest(self, webhook_id: str, until: datetime) -> None:
        """Send nothing before a time, or before a later one that was set already."""
        earlier = or_(WebhookRow.rests_until.is_(None), WebhookRow.rests_until < until)
        mine = update(WebhookRow).where(WebhookRow.id == webhook_id, earlier)
        with self._database.writing() as session:
            session.execute(mine.values(rests_until=until))

    def disowned(self, now: datetime) -> list[str]:
        """Ids of webhooks in use whose owner is a token that is no longer valid, or a user who may
        no longer sign in, or is removed.
        """
        revoked = TokenRow.revoked_at.is_not(None)
        expired = TokenRow.expires_at <= now
        barred = UserRow.disabled_at.is_not(None)
        removed = and_(
            TokenRow.id.is_(None), UserRow.id.is_(None), WebhookRow.owner.not_in(MACHINE)
        )
        query = (
            select(WebhookRow.id)
            .outerjoin(TokenRow, TokenRow.id == WebhookRow.owner)
            .outerjoin(UserRow, UserRow.id == WebhookRow.owner)
            .where(WebhookRow.disabled_at.is_(None), or_(revoked, expired, barred, removed))
        )
        with self._database.reading() as session:
            return list(session.scalars(query))


def keep_webhook(session: Session, webhook: Webhook, since: int) -> None:
    """Insert a webhook that is told of events after the one with the id *since*."""
    session.execute(insert(WebhookRow).values(asdict(webhook) | {"since": since}))
    add_entry(session, "webhook.created", webhook.id, job=webhook.job_id)

"""Links that share transcripts, and who has opened them; each change is in the audit log."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Select, and_, delete, insert, or_, select, update

from trax.errors import NotFound
from trax.store.account_tables import LinkRow, UserRow, VisitRow
from trax.store.audit import add_entry
from trax.store.database import Database
from trax.store.rows import read_row
from trax.store.tables import TokenRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to a transcript, or to a passage of it.

    Attributes:
        account: whoever made it.
        permission: ``view``, ``comment`` or ``edit``.
        start: of the passage, in seconds; ``None`` if it shows everything.
        end: of the passage.
        password: argon2 digest of the password that it asks for; empty if it asks for none.
        expires_at: from when it shows nothing; ``None`` if it does not expire.
    """

    id: str
    transcript_id: str
    account: str
    permission: str
    start: float | None
    end: float | None
    password: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None


class LinkRepository:
    """Keeps and finds links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, link: Link, digest: str) -> None:
        """Keep a link whose secret's SHA-256 is *digest*."""
        with self._database.writing() as session:
            session.execute(insert(LinkRow).values(digest=digest, **asdict(link)))
            shown = {"link": link.id, "permission": link.permission}
            add_entry(session, "link.created", link.transcript_id, **shown)

    def of_transcript(self, transcript_id: str) -> list[Link]:
        """The links to a transcript, newest first, revoked and expired ones, too."""
        query = select(LinkRow).where(LinkRow.transcript_id == transcript_id)
        query = query.order_by(LinkRow.created_at.desc(), LinkRow.id)
        with self._database.reading() as session:
            return [read_row(Link, row) for row in session.scalars(query)]

    def find(self, digest: str) -> Link | None:
        """The link in use whose secret's SHA-256 is *digest*; ``None`` if there is none."""
        with self._database.reading() as session:
            query = _in_use(self._database.now(session)).where(LinkRow.digest == digest)
            row = session.scalar(query)
            return None if row is None else read_row(Link, row)

    def visited(self, digest: str) -> Link | None:
        """The link in use that somebody has opened, the SHA-256 of whose secret is *digest*."""
        with self._database.reading() as session:
            now = self._database.now(session)
            query = _in_use(now).join(VisitRow, VisitRow.link_id == LinkRow.id)
            row = session.scalar(query.where(VisitRow.digest == digest, VisitRow.expires_at > now))
            return None if row is None else read_row(Link, row)

    def is_in_use(self, link: Link) -> bool:
        """Whether a link still shows something."""
        with self._database.reading() as session:
            query = _in_use(self._database.now(session)).where(LinkRow.id == link.id)
            return session.scalar(query) is not None

    def open(self, link: Link, digest: str, expires_at: datetime, address: str) -> None:
        """Note that somebody has opened a link, the SHA-256 of whose secret is *digest*."""
        with self._database.writing() as session:
            now = self._database.now(session)
            session.execute(delete(VisitRow).where(VisitRow.expires_at < now))
            values = {"digest": digest, "link_id": link.id, "expires_at": expires_at}
            session.execute(insert(VisitRow).values(values))
            add_entry(session, "link.opened", link.transcript_id, link=link.id, address=address)

    def refused(self, link: Link, address: str) -> None:
        """Note that somebody did not know a link's password."""
        with self._database.writing() as session:
            add_entry(session, "link.refused", link.transcript_id, link=link.id, address=address)

    def revoke(self, transcript_id: str, link_id: str) -> None:
        """Have a link show nothing from now on; whoever has opened it sees nothing more.

        Raises:
            NotFound: the transcript has none of that id.
        """
        with self._database.writing() as session:
            row = session.get(LinkRow, link_id)
            if row is None or row.transcript_id != transcript_id:
                raise NotFound("link", link_id)
            now = self._database.now(session)
            unrevoked = (LinkRow.id == link_id, LinkRow.revoked_at.is_(None))
            session.execute(update(LinkRow).where(*unrevoked).values(revoked_at=now))
            add_entry(session, "link.revoked", transcript_id, link=link_id)


def _in_use(now: datetime) -> Select[tuple[LinkRow]]:
    valid = or_(LinkRow.expires_at.is_(None), LinkRow.expires_at > now)
    lasting = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now)
    able = or_(
        LinkRow.account == "",
        and_(UserRow.id.is_not(None), UserRow.disabled_at.is_(None)),
        and_(TokenRow.id.is_not(None), TokenRow.revoked_at.is_(None), lasting),
    )
    query = (
        select(LinkRow)
        .outerjoin(UserRow, UserRow.id == LinkRow.account)
        .outerjoin(TokenRow, TokenRow.id == LinkRow.account)
    )
    return query.where(LinkRow.revoked_at.is_(None), valid, able)

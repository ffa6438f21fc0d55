"""Users of the service and their sessions, in the database; each change is in the audit log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session as DatabaseSession

from trax.errors import InvalidOption, NotFound
from trax.store.account_tables import IdentityRow, SessionRow, UserRow
from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.rows import read_row, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who signs in.

    Attributes:
        name: to sign in with, in small letters.
        scopes: what they may do, parted by spaces.
        disabled_at: since when they are refused; ``None`` if they are not.
        signed_in_at: when they signed in last; ``None`` if never.
    """

    id: str
    name: str
    full_name: str
    scopes: str
    created_at: datetime
    disabled_at: datetime | None = None
    signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which *user* has signed in."""

    user: User
    expires_at: datetime


class UserRepository:
    """Keeps and finds users and their sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: User, digest: str) -> None:
        """Keep a user whose password's digest is *digest*.

        Raises:
            InvalidOption: the name is taken.
        """
        with self._database.writing() as session:
            added = upsert(session, UserRow).values(digest=digest, **asdict(user))
            added = added.on_conflict_do_nothing(index_elements=["name"])
            if session.scalar(added.returning(UserRow.id)) is None:
                raise InvalidOption(f"there is a user called {user.name} already")
            add_entry(session, "user.created", user.id, name=user.name, scopes=user.scopes)

    def all(self) -> list[User]:
        """Every user, by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(UserRow).order_by(UserRow.name))
            return [read_row(User, row) for row in rows]

    def exist(self) -> bool:
        """Whether there is any user."""
        with self._database.reading() as session:
            return bool(session.scalar(select(exists(select(UserRow.id)))))

    def get(self, reference: str) -> User:
        """The user with that id or name.

        Raises:
            NotFound: there is none.
        """
        with self._database.reading() as session:
            return read_row(User, _found(session, reference))

    def password(self, name: str) -> tuple[User, str] | None:
        """The user of that name and the digest of their password; ``None`` if there is none."""
        with self._database.reading() as session:
            row = session.scalar(select(UserRow).where(UserRow.name == name))
            return None if row is None else (read_row(User, row), row.digest)

    def set_password(self, user_id: str, digest: str, *, quietly: bool = False) -> None:
        """Change a password: sessions that were opened with the old one end.

        Args:
            quietly: it is the same password with another digest; sessions stay.
        """
        with self._database.writing() as session:
            row = _found(session, user_id)
            row.digest = digest
            if not quietly:
                session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
                add_entry(session, "user.password", row.id)

    def change(self, user_id: str, values: Mapping[str, object]) -> User:
        """Change columns of a user; sessions of one who is disabled end.

        Raises:
            NotFound: there is none of that id or name.
        """
        with self._database.writing() as session:
            row = _found(session, user_id)
            session.execute(update(UserRow).where(UserRow.id == row.id).values(**values))
            if values.get("disabled_at"):
                session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
            shown = {name: str(value) for name, value in values.items()}
            add_entry(session, "user.changed", row.id, **shown)
            session.refresh(row)
            return read_row(User, row)

    def remove(self, user_id: str) -> None:
        """Remove a user with their sessions; what they own stays, for administrators.

        Raises:
            NotFound: there is none of that id or name.
        """
        with self._database.writing() as session:
            row = _found(session, user_id)
            add_entry(session, "user.removed", row.id, name=row.name)
            for table in (SessionRow, IdentityRow):
                session.execute(delete(table).where(table.user_id == row.id))
            session.execute(delete(UserRow).where(UserRow.id == row.id))

    def by_identity(self, issuer: str, subject: str) -> User | None:
        """The user whom a provider knows as *subject*; ``None`` if it knows none so."""
        mine = (IdentityRow.issuer == issuer, IdentityRow.subject == subject)
        query = select(UserRow).join(IdentityRow, IdentityRow.user_id == UserRow.id).where(*mine)
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else read_row(User, row)

    def has_identity(self, user_id: str) -> bool:
        """Whether a provider knows a user already."""
        with self._database.reading() as session:
            return bool(session.scalar(select(exists().where(IdentityRow.user_id == user_id))))

    def identify(self, issuer: str, subject: str, user_id: str) -> None:
        """Note whom a provider knows as *subject*."""
        with self._database.writing() as session:
            known = upsert(session, IdentityRow).values(
                issuer=issuer, subject=subject, user_id=user_id
            )
            known = known.on_conflict_do_nothing(index_elements=["issuer", "subject"])
            if session.scalar(known.returning(IdentityRow.user_id)) is not None:
                add_entry(session, "user.identified", user_id, issuer=issuer)

    def open_session(self, user_id: str, digest: str, expires_at: datetime) -> None:
        """Keep a session whose secret's SHA-256 is *digest*; expired ones are forgotten."""
        with self._database.writing() as session:
            now = self._database.now(session)
            session.execute(delete(SessionRow).where(SessionRow.expires_at < now))
            values = {"digest": digest, "user_id": user_id, "created_at": now}
            session.execute(insert(SessionRow).values(expires_at=expires_at, **values))
            session.execute(update(UserRow).where(UserRow.id == user_id).values(signed_in_at=now))
            add_entry(session, "session.opened", user_id)

    def session(self, digest: str) -> Session | None:
        """The session whose secret's SHA-256 is *digest*; ``None`` if it has ended or its user is
        disabled.
        """
        query = (
            select(UserRow, SessionRow.expires_at)
            .join(SessionRow, SessionRow.user_id == UserRow.id)
            .where(SessionRow.digest == digest, UserRow.disabled_at.is_(None))
        )
        with self._database.reading() as session:
            found = session.execute(query).first()
            if found is None or in_utc(found[1]) <= self._database.now(session):
                return None
            return Session(read_row(User, found[0]), in_utc(found[1]))

    def end_session(self, digest: str) -> None:
        """End a session; one that has ended is no error."""
        with self._database.writing() as session:
            ended = delete(SessionRow).where(SessionRow.digest == digest)
            user_id = session.scalar(ended.returning(SessionRow.user_id))
            if user_id is not None:
                add_entry(session, "session.ended", user_id)

    def refused(self, user_id: str, address: str) -> None:
        """Note that somebody at *address* did not know a user's password."""
        with self._database.writing() as session:
            add_entry(session, "session.refused", user_id, address=address)


def _found(session: DatabaseSession, reference: str) -> UserRow:
    named = (UserRow.id == reference) | (UserRow.name == reference.casefold())
    row = session.scalar(select(UserRow).where(named))
    if row is None:
        raise NotFound("user", reference)
    return row

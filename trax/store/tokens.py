"""Tokens of the service, in the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from trax.errors import NotFound
from trax.store.audit import add_entry
from trax.store.database import Database
from trax.store.rows import read_row
from trax.store.tables import TokenRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token; the token itself is not.

    Attributes:
        scopes: what it allows, parted by spaces.
        expires_at: from when it is refused; ``None`` if it does not expire.
        revoked_at: since when it is refused; ``None`` if it was not revoked.
        used_at: when it was used last, to about a minute; ``None`` if never.
        account: the user whose it is; empty if it is nobody's, and has things of its own.
    """

    id: str
    name: str
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    account: str = ""


class TokenRepository:
    """Keeps and finds tokens; each change is in the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token, digest: str) -> None:
        """Keep a token whose SHA-256 is *digest*."""
        values = {
            "id": token.id,
            "name": token.name,
            "scopes": token.scopes,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "account": token.account,
        }
        with self._database.writing() as session:
            session.execute(insert(TokenRow).values(digest=digest, **values))
            add_entry(session, "token.created", token.id, name=token.name, scopes=token.scopes)

    def all(self, account: str | None = None) -> list[Token]:
        """Every token, newest first; only those that act for *account* if it is named."""
        query = select(TokenRow).order_by(TokenRow.created_at.desc(), TokenRow.id)
        if account is not None:
            query = query.where(TokenRow.account == account)
        with self._database.reading() as session:
            return [read_row(Token, row) for row in session.scalars(query)]

    def find(self, digest: str) -> Token | None:
        """The token whose SHA-256 is *digest*; ``None`` if there is none."""
        with self._database.reading() as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
            return None if row is None else read_row(Token, row)

    def note_use(self, token_id: str) -> None:
        """Note that a token is used now."""
        with self._database.writing() as session:
            now = self._database.now(session)
            session.execute(update(TokenRow).where(TokenRow.id == token_id).values(used_at=now))

    def revoke(self, token_id: str) -> None:
        """Have a token refused from now on; one that is revoked stays so.

        Raises:
            NotFound: there is none of that id.
        """
        with self._database.writing() as session:
            if session.get(TokenRow, token_id) is None:
                raise NotFound("token", token_id)
            now = self._database.now(session)
            unrevoked = (TokenRow.id == token_id, TokenRow.revoked_at.is_(None))
            session.execute(update(TokenRow).where(*unrevoked).values(revoked_at=now))
            add_entry(session, "token.revoked", token_id)

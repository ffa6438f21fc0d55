"""The tables of who may use a service."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from trax.store.tables import Base, utc_now


class UserRow(Base):
    """Somebody who signs in.

    ``digest`` is the password's argon2 digest, empty if they cannot sign in with one. ``scopes``
    are parted by spaces.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    disabled_at: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]


class SessionRow(Base):
    """A browser in which somebody has signed in: the SHA-256 of its secret, never the secret."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

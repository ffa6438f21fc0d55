"""The tables of who may use a service."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from trax.store.tables import Base, BigKey, utc_now


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


class GroupRow(Base):
    """Several users who are given something together."""

    __tablename__ = "groups"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class MemberRow(Base):
    """A user of a group."""

    __tablename__ = "members"

    group_id: Mapped[str] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class FolderRow(Base):
    """Jobs and transcripts that are shared together; ``account`` is whose it is."""

    __tablename__ = "folders"

    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class GrantRow(Base):
    """What a user or a group may do with what is in a folder.

    ``kind`` is ``user`` or ``group``, ``subject`` its id, ``role`` ``viewer`` or ``editor``.
    """

    __tablename__ = "grants"

    folder_id: Mapped[str] = mapped_column(
        ForeignKey("folders.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True, index=True)
    role: Mapped[str]


class HoldingRow(Base):
    """Whose a transcript is, and what they call its recording; one without a row is nobody's."""

    __tablename__ = "holdings"

    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(index=True)
    folder_id: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str]


class TagRow(Base):
    """A word by which people find a transcript again; ``key`` is the same in any capitals."""

    __tablename__ = "tags"

    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True, index=True)
    name: Mapped[str]


class LinkRow(Base):
    """A link that shows a transcript, or a passage of it, to whoever has it.

    ``digest`` is the SHA-256 of its secret; ``permission`` is ``view``, ``comment`` or ``edit``;
    ``start`` and ``end`` bound a passage, in seconds; ``password`` is an argon2 digest, empty if
    none is asked for; ``account`` is whoever made it.
    """

    __tablename__ = "links"

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    transcript_id: Mapped[str] = mapped_column(index=True)
    account: Mapped[str]
    permission: Mapped[str]
    start: Mapped[float | None]
    end: Mapped[float | None]
    password: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class VisitRow(Base):
    """Somebody who has opened a link: the SHA-256 of their secret."""

    __tablename__ = "visits"

    digest: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[str] = mapped_column(ForeignKey("links.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AccessRow(Base):
    """Somebody read something, or was refused; forgotten after a while, unlike `AuditRow`."""

    __tablename__ = "accesses"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]


class IdentityRow(Base):
    """Whom an OpenID provider knows a user as."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class RequestCountRow(Base):
    """How often somebody has asked in a minute, in all services together."""

    __tablename__ = "request_counts"

    account: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, index=True)
    requests: Mapped[int]

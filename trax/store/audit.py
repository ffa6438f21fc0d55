"""The audit log: who did what to the data, and when. The database itself refuses to change rows."""

import getpass
import os
import socket
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from trax.store.tables import AuditRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the audit log.

    Attributes:
        actor: the user and the machine.
        action: what was done, such as ``transcript.saved``.
        subject: the id or key of what it was done to.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object]


def add_entry(session: Session | Connection, action: str, subject: str, **details: object) -> None:
    """Add an entry in the transaction that makes the change."""
    session.execute(
        insert(AuditRow).values(actor=actor(), action=action, subject=subject, details=details)
    )


def newest_entries(session: Session, most: int) -> list[AuditEntry]:
    """The newest *most* entries, newest first."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(most)
    return [_entry(row) for row in session.scalars(query)]


def entries_of(session: Session, action: str, subject: str) -> list[AuditEntry]:
    """The entries of one action on one subject, oldest first."""
    wanted = (AuditRow.action == action, AuditRow.subject == subject)
    query = select(AuditRow).where(*wanted).order_by(AuditRow.id)
    return [_entry(row) for row in session.scalars(query)]


def entries_since(session: Session, action: str, since: datetime) -> list[AuditEntry]:
    """The entries of one action from a moment on, oldest first."""
    wanted = (AuditRow.at >= since, AuditRow.action == action)
    query = select(AuditRow).where(*wanted).order_by(AuditRow.id)
    return [_entry(row) for row in session.scalars(query)]


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        at=in_utc(row.at),
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        details=row.details,
    )


acting: ContextVar[str] = ContextVar("acting", default="")
"""On whose behalf this process works now; empty: for its own user."""


def actor() -> str:
    """Whoever this process works for now, or else the user that it runs for, and the machine."""
    if named := acting.get():
        return named
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def in_utc(moment: datetime) -> datetime:
    """*moment* in UTC; one without a zone is taken as UTC, since SQLite drops zones."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_moment(value: object) -> datetime | None:
    """Read a time from a database without types, UTC if it has no zone; ``None`` if it is none."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return in_utc(moment)

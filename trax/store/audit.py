"""Who did what to the data, and when. Rows are added, and the database itself refuses to change
them.
"""

import getpass
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from trax.store.tables import AuditRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that was done.

    Attributes:
        actor: the user and the machine.
        action: what was done, such as ``transcript.saved``.
        subject: the id or key it was done to.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object]


def add_entry(session: Session | Connection, action: str, subject: str, **details: object) -> None:
    """Note something in the transaction that does it."""
    session.execute(
        insert(AuditRow).values(actor=actor(), action=action, subject=subject, details=details)
    )


def newest_entries(session: Session, most: int) -> list[AuditEntry]:
    """The newest *most* entries, newest first."""
    return [
        AuditEntry(
            at=in_utc(row.at),
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            details=row.details,
        )
        for row in session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(most))
    ]


def actor() -> str:
    """Who this process works for."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def in_utc(moment: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_moment(value: object) -> datetime | None:
    """A time as a database without types may hold it, UTC where it has no zone; ``None`` where it
    is none.
    """
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return in_utc(moment)

"""The audit log as it is read: what was done, what was read, and what was refused."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Select, String, cast, delete, insert, literal, select, union_all

from trax.store.account_tables import AccessRow
from trax.store.audit import AuditEntry, in_utc
from trax.store.database import Database
from trax.store.rows import older
from trax.store.tables import AuditRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted; what is empty does not matter.

    Attributes:
        action: the whole action, or its beginning up to a dot.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NumberedEntry:
    """An entry, and what it is known by in pages."""

    key: str
    entry: AuditEntry


class AccessRepository:
    """Keeps who read what and who was refused, and reads the whole log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep entries, in one transaction."""
        if entries:
            with self._database.writing() as session:
                session.execute(insert(AccessRow), [asdict(entry) for entry in entries])

    def forget_before(self, moment: datetime) -> None:
        """Forget who read what before *moment*; what was done to the data is never forgotten."""
        with self._database.writing() as session:
            session.execute(delete(AccessRow).where(AccessRow.at < moment))

    def newest(
        self,
        most: int,
        wanted: AuditFilter = AuditFilter(),
        after: tuple[datetime, str] | None = None,
    ) -> list[NumberedEntry]:
        """At most *most* entries, newest first.

        Args:
            after: time and key of the entry that comes before the first of them.
        """
        both = union_all(_entries(AuditRow, "a", wanted), _entries(AccessRow, "b", wanted))
        table = both.subquery()
        query = select(table).order_by(table.c.at.desc(), table.c.key)
        if after is not None:
            query = query.where(older(table.c.at, table.c.key, after))
        with self._database.reading() as session:
            rows = session.execute(query.limit(most)).all()
        return [
            NumberedEntry(
                row.key,
                AuditEntry(
                    at=in_utc(row.at),
                    actor=row.actor,
                    action=row.action,
                    subject=row.subject,
                    details=row.details,
                ),
            )
            for row in rows
        ]


def _entries(
    row: type[AuditRow] | type[AccessRow], letter: str, wanted: AuditFilter
) -> Select[tuple[datetime, str, str, str, str, dict[str, object]]]:
    key = (literal(letter) + cast(row.id, String)).label("key")
    query = select(row.at, key, row.actor, row.action, row.subject, row.details)
    if wanted.actor:
        query = query.where(row.actor == wanted.actor)
    if wanted.action:
        begins = row.action.startswith(f"{wanted.action}.", autoescape=True)
        query = query.where((row.action == wanted.action) | begins)
    if wanted.subject:
        query = query.where(row.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(row.at >= wanted.since)
    return query

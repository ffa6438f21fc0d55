"""How often each caller asks, over all services that share a database."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete

from trax.store.account_tables import RequestCountRow
from trax.store.database import Database
from trax.store.rows import upsert

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests of a minute.

    Attributes:
        minute: which, by the clock of the database.
        totals: in all services so far, of those accounts that were asked about.
    """

    minute: int
    totals: Mapping[str, int]


class RequestCountRepository:
    """Adds up the counts of several services."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, counts: Mapping[str, int]) -> Counted:
        """Add how often each account has asked one service to what it has asked all of them."""
        with self._database.noting() as session:
            minute = int(self._database.now(session).timestamp()) // _SECONDS
            session.execute(delete(RequestCountRow).where(RequestCountRow.minute < minute))
            # In the order of their names, so that two services never wait for each other.
            rows = [
                {"account": account, "minute": minute, "requests": count}
                for account, count in sorted(counts.items())
            ]
            new = upsert(session, RequestCountRow).values(rows)
            added = new.on_conflict_do_update(
                index_elements=["account", "minute"],
                set_={"requests": RequestCountRow.requests + new.excluded.requests},
            )
            returned = added.returning(RequestCountRow.account, RequestCountRow.requests)
            totals = {row.account: row.requests for row in session.execute(returned)}
            return Counted(minute, totals)

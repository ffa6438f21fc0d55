"""Adding up what questions are answered from."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trax.errors import StoreError
from trax.service.analytics.storage import count_storage
from trax.store import Database, ObjectStore
from trax.store.days import Days

_log = logging.getLogger("trax")

_SETTLED = timedelta(days=1)  # after its end, nothing of a day runs any more


def settle(database: Database, objects: ObjectStore, live: Path) -> None:
    """Add up days that are over, and count once a day what is stored; an object store that does
    not answer is counted later.

    Args:
        live: the folder of this machine with live sessions.

    Raises:
        StoreError: the database cannot be used.
    """
    settle_days(database)
    try:
        count_storage(database, objects, live)
    except StoreError as error:
        _log.warning("what is stored could not be counted: %s", error)


def settle_days(database: Database) -> int:
    """Add up days that are over, so that questions about them are answered fast; gives how many
    there were.
    """
    before = (datetime.now(UTC) - _SETTLED).date()
    return sum(1 for _day in Days(database).keep(before))

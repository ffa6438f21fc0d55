"""Notices that somebody may see less than before, so that what they have open ends."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import Scope

from trax.errors import AccessDenied, NotFound, StoreError
from trax.store import FolderRepository
from trax.store.tables import utc_now
from trax.web.things import check_things

_LOOK = 0.5  # seconds between looks while something is open
_LATE = timedelta(minutes=1)  # within which a change is seen, whatever order it was committed in

_log = logging.getLogger("trax.access")


class Rights:
    """Counts how often it has changed who sees what: shares, groups, owners.

    Attributes:
        changes: how often; a look at a thing holds while it stays the same.
    """

    def __init__(self, folders: FolderRepository) -> None:
        self.changes = 0
        self._listeners = 0
        self._folders = folders
        self._known: frozenset[int] | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Somebody wants to know of changes; while nobody does, nobody looks for them."""
        self._listeners += 1
        try:
            yield
        finally:
            self._listeners -= 1

    async def watch(self) -> None:
        """Look for changes, whoever makes them, until this is cancelled."""
        while True:
            await asyncio.sleep(_LOOK)
            if not self._listeners:
                self._known = None
                continue
            try:
                self._compare(await run_in_threadpool(self._folders.changes, _since()))
            except StoreError as error:
                _log.debug("it is not known whether rights have changed: %s", error)

    def _compare(self, found: frozenset[int]) -> None:
        if self._known is None or found - self._known:
            self.changes += 1
        self._known = found


async def still_sees(scope: Scope) -> bool:
    """Whether whoever asked may still do so with the thing that the path names.

    Raises:
        StoreError: it cannot be looked up.
    """
    try:
        await check_things(HTTPConnection(scope))
    except (NotFound, AccessDenied):
        return False
    return True


def _since() -> datetime:
    return utc_now() - _LATE

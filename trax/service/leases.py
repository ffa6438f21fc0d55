"""Has a shared document for oneself while it is saved."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from trax.errors import StoreError
from trax.store.database import Database
from trax.store.document_leases import DocumentLeases, check_held

LEASE = timedelta(seconds=20)
"""After which others may have a document whose process has died."""

_RENEWALS = 4  # in a lease: three may fail

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class Lease:
    """A document that nobody else saves."""

    leases: DocumentLeases
    document_id: str
    holder: str

    def check(self, session: Session) -> None:
        """Refuse what is no longer ours to do.

        Raises:
            Busy: somebody else saves the document by now.
            NotFound: the document is gone.
        """
        check_held(session, self.document_id, self.holder)

    def give_back(self, saved_seq: int) -> None:
        """Let others save it; a version has its updates up to *saved_seq*."""
        self.leases.give_back(self.document_id, self.holder, saved_seq)


@contextmanager
def leased(database: Database, document_id: str) -> Iterator[Lease | None]:
    """A lease that is renewed until this ends; ``None`` if somebody else saves the document, or it
    is gone.
    """
    lease = Lease(DocumentLeases(database), document_id, uuid4().hex)
    if not lease.leases.take(document_id, lease.holder, LEASE):
        yield None
        return
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(lease, over), name="lease", daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        over.set()


def _renew(lease: Lease, over: threading.Event) -> None:
    while not over.wait(LEASE.total_seconds() / _RENEWALS):
        try:
            if not lease.leases.renew(lease.document_id, lease.holder, LEASE):
                return
        except StoreError as error:
            _log.warning("the lease of a shared document is not renewed: %s", error)

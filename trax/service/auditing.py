"""Notes who reads what and who is refused, beside the requests and not in their way."""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from trax.errors import StoreError
from trax.store.accesses import AccessRepository
from trax.store.audit import AuditEntry

_EVERY = 1.0  # seconds between two transactions
_MOST = 10_000  # entries that wait; whoever adds one more waits for them to be kept
_ONCE_IN = 60.0  # seconds in which the same is noted once: sound is read in many parts
_TIDY = 3600.0  # seconds between looks for what is to be forgotten

_log = logging.getLogger("trax")

_Same = tuple[str, str, str, str]


class AccessLog:
    """Collects entries and keeps many in one transaction.

    Args:
        days: for which entries are kept; ``None`` for ever.
    """

    def __init__(self, accesses: AccessRepository, days: float | None) -> None:
        self._accesses = accesses
        self._days = days
        self._lock = threading.Lock()
        self._waiting: list[AuditEntry] = []
        self._seen: dict[_Same, float] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="audit", daemon=True)

    def start(self) -> None:
        """Begin to keep what is noted."""
        self._thread.start()

    def stop(self) -> None:
        """Keep what waits, for the last time."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        self.flush()

    def note(self, actor: str, action: str, subject: str, **details: object) -> None:
        """Note that somebody read something or was refused; the same once a minute."""
        same = (actor, action, subject, str(details.get("route", "")))
        now = time.monotonic()
        with self._lock:
            if now - self._seen.get(same, -_ONCE_IN) < _ONCE_IN:
                return
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[same] = now
            entry = AuditEntry(
                at=datetime.now(UTC), actor=actor, action=action, subject=subject, details=details
            )
            self._waiting.append(entry)
            is_full = len(self._waiting) >= _MOST
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Keep what waits; what cannot be kept now waits on."""
        with self._lock:
            entries, self._waiting = self._waiting, []
        try:
            self._accesses.add(entries)
        except StoreError as error:
            _log.warning("the audit log waits: %s", error)
            with self._lock:
                self._waiting = (entries + self._waiting)[-_MOST:]

    def _keep(self) -> None:
        tidied = -_TIDY
        while not self._closed.wait(_EVERY):
            self.flush()
            if self._days is not None and time.monotonic() - tidied >= _TIDY:
                tidied = time.monotonic()
                self._forget(self._days)

    def _forget(self, days: float) -> None:
        try:
            self._accesses.forget_before(datetime.now(UTC) - timedelta(days=days))
        except StoreError as error:
            _log.warning("the audit log is not tidied: %s", error)

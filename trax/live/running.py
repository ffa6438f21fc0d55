"""A session at work, in a thread of its own."""

import logging
import threading
from collections.abc import Callable

from trax.live.session import LiveSession

_log = logging.getLogger("trax")


class Running:
    """Has a session advance until it is over.

    Args:
        ended: called in its thread once nothing more is heard.
        closed: called at last, whatever happened.
    """

    def __init__(
        self,
        session: LiveSession,
        ended: Callable[[LiveSession], None],
        closed: Callable[[LiveSession], None],
    ) -> None:
        self.session = session
        self._ended = ended
        self._closed = closed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"live-{session.id}", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the session as it is; it can be opened again."""
        self._stop.set()
        self._thread.join()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the session is over and what follows is done; false if it is not."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        session = self.session
        try:
            while not self._stop.is_set() and not session.is_over:
                self._stop.wait(session.advance())
            if session.is_over and not session.is_discarded:
                self._ended(session)
        except Exception:  # noqa: BLE001 - the edge of one session: its sound is kept
            _log.exception("a live session failed")
        finally:
            session.close()
            self._closed(session)

"""When Python looks for objects that refer to one another in circles and that nobody else needs."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Pauses:
    """How many are at work that must not be looked through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def begin(self) -> bool:
        """One more; false if somebody else has seen to it that nothing is looked for."""
        with self._lock:
            if not self._count and not gc.isenabled():
                return False
            self._count += 1
            gc.disable()
            return True

    def end(self) -> None:
        """One less."""
        with self._lock:
            self._count -= 1
            if not self._count:
                gc.enable()


_pauses = _Pauses()


@contextmanager
def collection_paused() -> Iterator[None]:
    """Nothing is looked for meanwhile, in any thread.

    For work that makes very many small values without circles, as the words of a long transcript
    are: each look walks through all of them, and every thread waits for it. What nobody refers to
    any more goes at once all the same.
    """
    is_mine = _pauses.begin()
    try:
        yield
    finally:
        if is_mine:
            _pauses.end()

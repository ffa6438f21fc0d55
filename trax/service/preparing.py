"""Things made in the background for whoever asks, each once."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from trax.errors import EngineError, TraxError
from trax.progress import Progress

Make = Callable[[Progress], None]
"""Makes something, and tells of the share done."""

_AT_ONCE = 1  # things made at a time: transcribing comes first

_log = logging.getLogger("trax")


class PreparationState(StrEnum):
    """Where a preparation stands."""

    ABSENT = "absent"
    """Nobody has asked for it yet."""
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Preparation:
    """How something stands that is made in the background.

    Attributes:
        share: that is done, 0 to 1.
        error: why it could not be made.
    """

    state: PreparationState
    share: float = 0.0
    error: TraxError | None = None


ABSENT = Preparation(PreparationState.ABSENT)
READY = Preparation(PreparationState.READY, 1.0)


class Preparations:
    """Makes things in threads of this process, each once however many ask for it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_AT_ONCE, "preparing")
        self._lock = threading.Lock()
        self._futures: dict[str, Future[None]] = {}
        self._shares: dict[str, float] = {}

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def ask(self, key: str, make: Make) -> None:
        """Have what is called *key* made, unless it is under way."""
        with self._lock:
            known = self._futures.get(key)
            if known is None or known.done():
                self._shares[key] = 0.0
                self._futures[key] = self._pool.submit(self._run, key, make)

    async def settled(self, key: str, seconds: float) -> None:
        """Return once *key* is made or has failed, or after *seconds*; no thread waits."""
        with self._lock:
            known = self._futures.get(key)
        if known is None:
            return
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def wake(_future: Future[None]) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(over.set)

        known.add_done_callback(wake)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await over.wait()

    def state(self, key: str) -> Preparation:
        """How *key* stands; whether it was made, others know."""
        with self._lock:
            known = self._futures.get(key)
            share = self._shares.get(key, 0.0)
        if known is None or known.cancelled():
            return ABSENT
        if not known.done():
            return Preparation(PreparationState.PREPARING, share)
        error = known.exception()
        if error is None:
            return ABSENT
        return Preparation(PreparationState.FAILED, share, _known_error(error))

    def _run(self, key: str, make: Make) -> None:
        def progress(share: float) -> None:
            self._shares[key] = share

        try:
            make(progress)
        except TraxError as error:
            _log.warning("%s: %s", key, error)
            raise
        except Exception:
            _log.exception("%s could not be made", key)
            raise
        with self._lock:  # it may be asked for again, once it was removed
            del self._futures[key], self._shares[key]


def _known_error(error: BaseException) -> TraxError:
    if isinstance(error, TraxError):
        return error
    return EngineError("it could not be made; the service's log says why")

"""Tells coroutines of changes that threads make."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

EVERY_JOB = ""
"""The bell that is rung whenever any job changes."""


def end_of(job_id: str) -> str:
    """The bell that is rung when a job ends."""
    return f"{job_id} ends"


class Bells:
    """A bell a job, which any thread may ring; and one for all, which is rung at the end."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}
        self._lock = threading.Lock()
        self.closed = False

    @property
    def names(self) -> tuple[str, ...]:
        """What somebody listens for."""
        return tuple(self._listeners)

    def job_changed(self, job_id: str, is_over: bool) -> None:
        """Wake whoever follows a job, and if it is over whoever waits for that."""
        self.ring(job_id)
        self.ring(EVERY_JOB)
        if is_over:
            self.ring(end_of(job_id))

    def ring(self, name: str) -> None:
        """Wake whoever listens for *name*."""
        with self._lock:
            listeners = list(self._listeners.get(name, ()))
        for loop, event in listeners:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """Wake everybody, for good."""
        self.closed = True
        for name in list(self._listeners):
            self.ring(name)

    @contextmanager
    def listening(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever *name* is rung."""
        listener = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners.setdefault(name, set()).add(listener)
        try:
            yield listener[1]
        finally:
            with self._lock:
                self._listeners[name].discard(listener)
                if not self._listeners[name]:
                    del self._listeners[name]


async def heard(event: asyncio.Event, seconds: float) -> bool:
    """Wait for a ring, for so long at most; whether there was one."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True

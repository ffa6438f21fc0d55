"""Who works on a device, and who waits: seats given in the order of asking, and shared in turns."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trax.errors import Cancelled

QUANTUM = 5.0
"""Seconds that work keeps its seat while others wait; then it goes to the end of the queue."""

_POLL = 0.2  # seconds between looks at whether waiting work was stopped

OnMove = Callable[[int], None]
"""Called with how many come before, whenever that changes; with 0 once seated."""


class Refused(Exception):
    """No more work is taken now: too much waits, or the process is about to end."""


class Ticket:
    """One piece of work in the queue or on a seat."""

    def __init__(self, name: str, stop: threading.Event, on_move: OnMove, *, alone: bool) -> None:
        self.name = name
        self.alone = alone
        self.since = 0.0
        self._stop = stop
        self._on_move = on_move
        self._ahead = -1

    def check(self) -> None:
        """Raise Cancelled if the work was stopped."""
        if self._stop.is_set():
            raise Cancelled(f"{self.name} was stopped while it waited for the device")

    def move(self, ahead: int) -> None:
        """Report how many come before, if that changed."""
        if ahead != self._ahead:
            self._ahead = ahead
            self._on_move(ahead)

    def sit(self) -> None:
        """Start working."""
        self.since = time.monotonic()
        self.move(0)


class Seats:
    """A number of seats at a device, and a queue.

    Work that has sat for a *quantum* while others wait gives way when it calls `rest`, so that a
    long recording does not hold up a short one. Work that must be alone begins when all seats are
    empty, and keeps them so.

    Args:
        count: stages at once.
        max_waiting: stages in the queue.
    """

    def __init__(self, count: int, max_waiting: int, quantum: float = QUANTUM) -> None:
        self._count = count
        self._max_waiting = max_waiting
        self._quantum = quantum
        self._changed = threading.Condition()
        self._queue: deque[Ticket] = deque()
        self._seated: list[Ticket] = []
        self._closed = False

    @property
    def running(self) -> tuple[str, ...]:
        """Names of work on seats."""
        with self._changed:
            return tuple(ticket.name for ticket in self._seated)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def closed(self) -> bool:
        """Whether no more work begins."""
        return self._closed

    def close(self) -> None:
        """Begin no more work; work that has begun continues to its end."""
        self._closed = True

    @contextmanager
    def seat(
        self, name: str, stop: threading.Event, on_move: OnMove, *, alone: bool = False
    ) -> Iterator[Callable[[], None]]:
        """Wait for a seat, and hold it; gives the function to call between two steps of the work.

        Raises:
            Refused: too many wait already, or no more work begins.
            Cancelled: *stop* was set while it waited.
        """
        ticket = Ticket(name, stop, on_move, alone=alone)
        if len(self._queue) >= self._max_waiting:
            raise Refused(f"{self._max_waiting} stages wait for the device already")
        self._sit(ticket, begun=False)
        try:
            yield lambda: self._rest(ticket)
        finally:
            self._leave(ticket)

    def _rest(self, ticket: Ticket) -> None:
        """Let others work, if any wait and this one has had its time."""
        had_its_time = time.monotonic() - ticket.since >= self._quantum
        if self._queue and had_its_time and not ticket.alone:
            self._leave(ticket)
            self._sit(ticket, begun=True)

    def _sit(self, ticket: Ticket, *, begun: bool) -> None:
        with self._changed:
            self._queue.append(ticket)
            try:
                while not self._is_next(ticket):
                    ticket.check()
                    if self._closed and not begun:
                        raise Refused("the engine is being stopped")
                    ticket.move(self._queue.index(ticket) + len(self._seated))
                    self._changed.wait(_POLL)
                self._seated.append(ticket)
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        ticket.sit()

    def _is_next(self, ticket: Ticket) -> bool:
        if self._queue[0] is not ticket:
            return False
        if ticket.alone:
            return not self._seated
        somebody_is_alone = any(each.alone for each in self._seated)
        return len(self._seated) < self._count and not somebody_is_alone

    def _leave(self, ticket: Ticket) -> None:
        with self._changed:
            if ticket in self._seated:
                self._seated.remove(ticket)
            self._changed.notify_all()

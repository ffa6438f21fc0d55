"""Who works on the device, and who waits: seats that are given in the order of asking, and given up
in turn.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trax.errors import Cancelled

QUANTUM = 5.0
"""Seconds that work may keep its seat while others wait: it gives way at its next step, and goes to
the queue's end.
"""

_LOOK = 0.2  # seconds between looks at whether a waiting one was stopped

Place = Callable[[int], None]
"""Told how many come before, whenever that changes; 0 on a seat."""


class Refused(Exception):
    """No more work is taken now: too much waits, or the process is to end."""


class Ticket:
    """Somebody's place: in the queue, or on a seat."""

    def __init__(self, name: str, stop: threading.Event, place: Place, *, alone: bool) -> None:
        self.name, self.alone = name, alone
        self._stop, self._place, self._told = stop, place, -1
        self.since = 0.0

    def check(self) -> None:
        """Raises Cancelled once it was stopped."""
        if self._stop.is_set():
            raise Cancelled(f"{self.name} was stopped while it waited for the device")

    def tell(self, ahead: int) -> None:
        """Say how many come before, where that is news."""
        if ahead != self._told:
            self._told = ahead
            self._place(ahead)

    def seated(self) -> None:
        """It works from now on."""
        self.since = time.monotonic()
        self.tell(0)


class Turns:
    """*seats* at a device, and a queue of at most *longest*.

    Whoever has sat for `QUANTUM` while others wait gives way when it calls `rest`: a long recording
    does not keep a short one waiting. Work that must be alone begins when all seats are empty, and
    leaves them empty.
    """

    def __init__(self, seats: int, longest: int, quantum: float = QUANTUM) -> None:
        self._seats, self._longest, self._quantum = seats, longest, quantum
        self._changed = threading.Condition()
        self._queue: deque[Ticket] = deque()
        self._seated: list[Ticket] = []
        self._closed = False

    @property
    def running(self) -> tuple[str, ...]:
        """Names of those that work."""
        with self._changed:
            return tuple(ticket.name for ticket in self._seated)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def closed(self) -> bool:
        """Whether no more work is begun."""
        return self._closed

    def close(self) -> None:
        """Begin no more work; what has begun goes on to its end."""
        self._closed = True

    @contextmanager
    def seat(
        self, name: str, stop: threading.Event, place: Place, *, alone: bool = False
    ) -> Iterator[Callable[[], None]]:
        """A seat, once it is this one's turn; gives the function to call between two steps of the
        work.

        Raises:
            Refused: too many wait already, or no more work is begun.
            Cancelled: *stop* was set while it waited.
        """
        ticket = Ticket(name, stop, place, alone=alone)
        if len(self._queue) >= self._longest:
            raise Refused(f"{self._longest} stages wait for the device already")
        self._sit(ticket, begun=False)
        try:
            yield lambda: self._rest(ticket)
        finally:
            self._leave(ticket)

    def _rest(self, ticket: Ticket) -> None:
        """Let others work, where they wait and this one has had its time."""
        if self._queue and not ticket.alone and time.monotonic() - ticket.since >= self._quantum:
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
                    ticket.tell(self._queue.index(ticket) + len(self._seated))
                    self._changed.wait(_LOOK)
                self._seated.append(ticket)
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        ticket.seated()

    def _is_next(self, ticket: Ticket) -> bool:
        room = not self._seated if ticket.alone else len(self._seated) < self._seats
        return self._queue[0] is ticket and room and not any(each.alone for each in self._seated)

    def _leave(self, ticket: Ticket) -> None:
        with self._changed:
            if ticket in self._seated:
                self._seated.remove(ticket)
            self._changed.notify_all()

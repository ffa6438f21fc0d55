"""Whoever has a document open: what is sent to them, and what they may do."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from trax.errors import TraxError
from trax.service.coediting import Part
from trax.store.revisions import Author
from trax.web.coediting.wire import Presence

LARGEST = 1 << 20
"""Bytes of a message."""

NO_LONGER = 1008
TOO_LARGE = 1009
AGAIN = 1013
REPLACED = 4409
TOO_MANY = 4429

_RATE = 200.0  # messages a second
_BURST = 2000.0
_FRESH = 0.8  # seconds for which a look at somebody's rights holds
_BEHIND_BYTES = 16 << 20  # that may wait for somebody who does not listen

Look = Callable[[], Part]
"""Looks what somebody may do; blocks."""


class Peer:
    """One connection.

    Attributes:
        author: whoever it is.
        rooms: that it has asked about.
        counts: messages with content that came, by room.
        presences: what its clients say of themselves, by their number.
    """

    def __init__(self, socket: WebSocket, author: Author, part: Part, look: Look) -> None:
        self.author = author
        self.rooms: set[str] = set()
        self.counts: dict[str, int] = {}
        self.presences: dict[int, Presence] = {}
        self._socket = socket
        self._part: Part = part
        self._look = look
        self._looked_at = time.monotonic()
        self._queue: asyncio.Queue[bytes | str | int] = asyncio.Queue()
        self._waiting_bytes = 0
        self._allowance = _BURST
        self._counted_at = time.monotonic()

    def send(self, message: bytes | str) -> None:
        """Send a message behind those that wait; who does not listen is left."""
        self._waiting_bytes += len(message)
        if self._waiting_bytes > _BEHIND_BYTES:
            self.close(AGAIN)
            return
        self._queue.put_nowait(message)

    def tell(self, told: Mapping[str, Any]) -> None:
        """Send a message as JSON."""
        self.send(json.dumps(told, ensure_ascii=False))

    def close(self, code: int) -> None:
        """End the connection once what waits is sent."""
        self._queue.put_nowait(code)

    def is_too_fast(self) -> bool:
        """Count a message; whether there are too many."""
        now = time.monotonic()
        self._allowance = min(_BURST, self._allowance + _RATE * (now - self._counted_at)) - 1
        self._counted_at = now
        return self._allowance < 0

    async def part(self) -> Part | None:
        """What they may do now; ``None`` if they see the transcript no longer, or may do less or
        more than they could: they open it anew.
        """
        if time.monotonic() - self._looked_at > _FRESH:
            try:
                found = await run_in_threadpool(self._look)
            except TraxError:
                return None
            self._looked_at = time.monotonic()
            if found != self._part:
                return None
        return self._part

    async def deliver(self) -> None:
        """Send what waits, until the connection ends."""
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                message = await self._queue.get()
                if isinstance(message, int):
                    await self._socket.close(message)
                    return
                self._waiting_bytes -= len(message)
                if isinstance(message, bytes):
                    await self._socket.send_bytes(message)
                else:
                    await self._socket.send_text(message)

"""A client's line to a live session."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from trax.errors import InvalidDocument, TraxError
from trax.live.events import Became, Handed, Noted, Numbered, decision_from, event_dict
from trax.live.session import LiveSession
from trax.service.live_sessions import LiveRoom
from trax.web.bells import Bells
from trax.web.problems import error_problem

_ACKNOWLEDGE = 1.0  # seconds between messages that say how much sound was received
_MOST_WAITING = 2000  # events that a client may be behind, beside those that it had missed
_GLANCE = 0.5  # seconds between looks at whether the service ends
_RESTART, _BEHIND = 1012, 1013  # close codes
_PAUSES = {
    "pause": Noted(kind="paused", text="the recording was paused"),
    "resume": Noted(kind="resumed", text="the recording goes on"),
}
_LEFT = (RuntimeError, WebSocketDisconnect)  # what sending to a client raises that has left

_log = logging.getLogger("trax")


async def refused(socket: WebSocket, error: TraxError) -> None:
    """Answer a handshake with a problem."""
    answer: Response = error_problem({**socket.scope, "method": "GET"}, error)
    await socket.send_denial_response(answer)


async def followed(session: LiveSession, bells: Bells, after: int) -> AsyncIterator[Numbered]:
    """What happens after event number *after*, until nothing more does, the service ends, or
    whoever listens is too slow.
    """
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Numbered] = asyncio.Queue()

    def hear(numbered: Numbered) -> None:
        """Called by the session's thread."""
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(waiting.put_nowait, numbered)

    with session.listening(hear, after):
        await asyncio.sleep(0)  # what was missed is waiting now, however much it is
        most = waiting.qsize() + _MOST_WAITING
        while not bells.closed and waiting.qsize() < most:
            try:
                numbered = await asyncio.wait_for(waiting.get(), _GLANCE)
            except TimeoutError:
                if session.kept.is_closed:
                    return
                continue
            yield numbered
            if isinstance(numbered.event, Handed | Became):
                return


async def either(*halves: Coroutine[Any, Any, None]) -> None:
    """Do both halves of a talk until one of them has ended."""
    tasks = [asyncio.create_task(each) for each in halves]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, _LEFT):
                _log.error("a line to a live session broke", exc_info=result)


class Line:
    """One WebSocket on one session."""

    def __init__(self, socket: WebSocket, room: LiveRoom, session: LiveSession) -> None:
        self._socket = socket
        self._room = room
        self._session = session
        self._bells: Bells = socket.app.state.bells
        self._acknowledged = 0.0

    async def hold(self, after: int) -> None:
        """Take sound and decisions, and tell what happens after event number *after*."""
        self._room.came(self._session.id)
        try:
            await self._socket.accept()
            await self._send(self._hello())
            await either(self._tell(after), self._listen())
        finally:
            self._room.left(self._session.id)

    def _hello(self) -> dict[str, Any]:
        options = self._session.kept.header.options
        return {
            "type": "hello",
            "session": self._session.id,
            "received": self._session.kept.received,
            "seq": self._session.seq,
            "options": options.model_dump(mode="json"),
        }

    async def _tell(self, after: int) -> None:
        """Send events until the last one."""
        is_over = False
        async for numbered in followed(self._session, self._bells, after):
            await self._send({"seq": numbered.seq, **event_dict(numbered.event)})
            is_over = isinstance(numbered.event, Handed | Became)
        if is_over:
            await self._close(1000, "")
        elif self._bells.closed or self._session.kept.is_closed:
            await self._close(_RESTART, "the service ends")
        else:
            await self._close(_BEHIND, "events are not taken fast enough")

    async def _listen(self) -> None:
        """Take what comes until nothing more does."""
        with suppress(WebSocketDisconnect):
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                if message.get("bytes") is not None:
                    await self._take(message["bytes"])
                else:
                    await self._obey(message.get("text") or "")

    async def _take(self, data: bytes) -> None:
        try:
            await run_in_threadpool(self._session.feed, data)
        except TraxError as error:
            await self._send({"type": "error", "detail": str(error)})
            return
        if time.monotonic() - self._acknowledged > _ACKNOWLEDGE:
            self._acknowledged = time.monotonic()
            received = self._session.kept.received
            await self._send({"type": "received", "received": received})

    async def _obey(self, text: str) -> None:
        try:
            asked = json.loads(text)
            kind = asked.get("type") if isinstance(asked, dict) else None
            if kind == "end":
                await run_in_threadpool(self._session.end)
            elif kind in _PAUSES:
                await run_in_threadpool(self._session.emit, _PAUSES[kind])
            else:
                await run_in_threadpool(self._session.decide, decision_from(asked))
        except (ValueError, RecursionError):
            await self._send({"type": "error", "detail": "a message is not JSON"})
        except (InvalidDocument, TraxError) as error:
            await self._send({"type": "error", "detail": str(error)})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(json.dumps(message, separators=(",", ":")))

    async def _close(self, code: int, reason: str) -> None:
        with suppress(*_LEFT):
            await self._socket.close(code, reason)

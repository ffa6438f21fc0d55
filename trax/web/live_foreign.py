"""Lines to live sessions for clients of other services: what both protocols have in common."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from trax.live.events import Numbered
from trax.live.session import LiveSession
from trax.service.live_sessions import LiveRoom
from trax.web.live_socket import either, followed

Message = dict[str, Any]


class Client(Protocol):
    """How a client talks, and is talked to."""

    @property
    def session(self) -> LiveSession | None:
        """The session; ``None`` until the client has said what it wants."""

    def greeting(self) -> list[Message]:
        """What is said first."""

    async def heard(self, data: bytes) -> list[Message]:
        """Take sound; gives what is to be answered."""

    async def asked(self, message: Message) -> list[Message]:
        """Take what the client asks; gives what is to be answered."""

    def told(self, numbered: Numbered) -> list[Message]:
        """What the client is told of an event."""


async def talk(socket: WebSocket, room: LiveRoom, client: Client) -> None:
    """Take what comes and tell what happens, until the client leaves or the session is over."""
    line = _Line(socket, room, client)
    try:
        await socket.accept()
        await line.greet()
        await either(line.listen(), line.tell())
    finally:
        if client.session is not None:
            await run_in_threadpool(client.session.end)
            room.left(client.session.id)


class _Line:
    def __init__(self, socket: WebSocket, room: LiveRoom, client: Client) -> None:
        self._socket = socket
        self._room = room
        self._client = client
        self._begun = asyncio.Event()

    async def greet(self) -> None:
        """Say what comes first."""
        self._note_session()
        await self._send(self._client.greeting())

    def _note_session(self) -> None:
        session = self._client.session
        if session is not None and not self._begun.is_set():
            self._room.came(session.id)
            self._begun.set()

    async def listen(self) -> None:
        """Take what comes."""
        with suppress(WebSocketDisconnect):
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                answers = await self._answers(message)
                self._note_session()
                await self._send(answers)

    async def _answers(self, message: Mapping[str, Any]) -> list[Message]:
        data = message.get("bytes")
        if data is not None:
            return await self._client.heard(data)
        try:
            asked = json.loads(message.get("text") or "")
        except (ValueError, RecursionError):
            return []
        return await self._client.asked(asked) if isinstance(asked, dict) else []

    async def tell(self) -> None:
        """Tell what happens until the session is over."""
        await self._begun.wait()
        session = self._client.session
        if session is None:
            return
        async for numbered in followed(session, self._socket.app.state.bells, 0):
            await self._send(self._client.told(numbered))
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close()

    async def _send(self, messages: list[Message]) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # the client has left
            for message in messages:
                await self._socket.send_text(json.dumps(message))

"""Somebody who edits together with others: a copy of the document, and a WebSocket."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx
from pycrdt import Doc, Text
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from trax.coediting import documents
from trax.web.coediting import wire


def opened(
    url: str, transcript: str, secret: str = "", link: str = "", name: str = ""
) -> dict[str, Any]:
    """The document of a transcript, or of what a link shows to a guest of that *name*."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    params = {"name": name} if name else {}
    path = url + _path(transcript, link)
    answer = httpx.post(path, headers=headers, params=params, timeout=60)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _path(transcript: str, link: str) -> str:
    return f"/v1/shared/{link}/coediting" if link else f"/v1/transcripts/{transcript}/coediting"


class Writer:
    """A page without a page: what is written into its rooms goes to the service.

    Attributes:
        rooms: its copy; hold `lock` to touch it.
        told: what the service said as JSON.
        stored: how many messages with content the service has kept, by room.
        sent: how many it was sent.
        present: what others say of themselves, by their client's number.
        code: with which the connection ended.
    """

    def __init__(
        self, url: str, transcript: str, secret: str = "", link: str = "", name: str = ""
    ) -> None:
        self.url, self.transcript, self.secret = url, transcript, secret
        self.link, self.name = link, name
        self.lock = threading.RLock()
        self.rooms: dict[str, Doc[Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.present: dict[int, Any] = {}
        self.code: int | None = None
        self._changed = threading.Condition(self.lock)
        found = opened(url, transcript, secret, link, name)
        self.document = found["document"]
        self.role = found["role"]
        for room in (*found["parts"], documents.META):
            self.rooms[room] = Doc()
            self.rooms[room].observe(partial(self._send_update, room))
        self.connect()

    def connect(self) -> None:
        """Connect, again if need be; what is missing on either side is sent."""
        address = self.url.replace("http", "ws", 1)
        path = f"{_path(self.transcript, self.link)}/{self.document}"
        if self.name:
            path += f"?name={quote(self.name)}"
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        self.synced: set[str] = set()
        self.stored: dict[str, int] = {}
        self.sent: dict[str, int] = {}
        self.code = None
        self._applying = False
        self.socket = connect(
            address + path, additional_headers=headers, max_size=None, compression=None
        )
        self._thread = threading.Thread(target=self._listen, args=(self.socket,), daemon=True)
        self._thread.start()
        for room, doc in self.rooms.items():
            with self.lock:
                self.socket.send(wire.content(room, wire.Step.STATE, doc.get_state()))
        self.until(lambda: self.synced == set(self.rooms) or self.code is not None)

    def text(self, room: str = "0") -> Text:
        """The text of a part."""
        return documents.text_of(self.rooms[room])

    def said(self) -> str:
        """The whole text."""
        with self.lock:
            return "".join(str(self.text(room)) for room in documents.parts_of(self.rooms))

    def until(self, is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Wait until something is so; whether it was."""
        with self._changed:
            return self._changed.wait_for(is_so, seconds)

    def is_kept(self) -> bool:
        """Whether the service has all that it was sent."""
        return self.stored == self.sent

    def close(self) -> None:
        """Go."""
        self.socket.close()

    def _send_update(self, room: str, event: Any) -> None:
        if not self._applying:
            self._send(room, wire.Step.UPDATE, event.update)

    def _send(self, room: str, step: wire.Step, data: bytes) -> None:
        self.sent[room] = self.sent.get(room, 0) + 1
        with suppress(WebSocketException):
            self.socket.send(wire.content(room, step, data))

    def _listen(self, socket: ClientConnection) -> None:
        try:
            for message in socket:
                with self._changed:
                    self._take(message)
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        with self._changed:
            if socket is self.socket:
                self.code = socket.close_code or 1006
            self._changed.notify_all()

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.told.append(json.loads(message))
            return
        name, rest = _string(message)
        kind, rest = _number(rest)
        if kind == wire.Kind.STORED:
            self.stored[name] = _number(rest)[0]
            return
        if kind == wire.Kind.AWARENESS:
            found = wire.presences(rest[-_number(rest)[0] :])
            self.present |= {each.client: each.state for each in found}
            return
        step, rest = _number(rest)
        length, rest = _number(rest)
        if step == wire.Step.STATE:
            self._send(name, wire.Step.MISSING, self.rooms[name].get_update(rest[:length]))
            self.synced.add(name)
            return
        self._applying = True
        try:
            self.rooms[name].apply_update(rest[:length])
        finally:
            self._applying = False


def _number(data: bytes) -> tuple[int, bytes]:
    value = shift = at = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, data[at:]


def _string(data: bytes) -> tuple[str, bytes]:
    length, rest = _number(data)
    return rest[:length].decode(), rest[length:]

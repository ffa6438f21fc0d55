"""Messages about shared documents, as y-protocols has them, with the room in front."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

LARGEST_STATE = 8192
"""Bytes of what somebody says of their own presence."""

_MOST_STATES = 16  # in one message
_LONGEST_NAME = 64  # bytes of a room's name
_LARGEST_NUMBER = 2**53 - 2  # that pages read, and one more


class Kind(IntEnum):
    """What a message is about."""

    SYNC = 0
    AWARENESS = 1
    STORED = 5


class Step(IntEnum):
    """What a message about content is."""

    STATE = 0
    """What its sender has: a question for the rest."""
    MISSING = 1
    """The answer."""
    UPDATE = 2


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        step: ``None`` for one that is not about content.
    """

    room: str
    kind: Kind
    step: Step | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Presence:
    """What a client says of itself.

    Attributes:
        state: ``None`` once it has left.
    """

    client: int
    clock: int
    state: Mapping[str, Any] | None


class _Reader:
    """Reads lib0's encoding.

    Every method raises ValueError where the data ends too early or makes no sense.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        value = 0
        for shift in range(0, 64, 7):
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if value > _LARGEST_NUMBER:
                break
            if byte < 0x80:
                return value
        raise ValueError("a number is too large")

    def bytes(self) -> bytes:
        length = self.number()
        end = self._at + length
        if end > len(self._data):
            raise ValueError("a message ends too early")
        found = self._data[self._at : end]
        self._at = end
        return found

    def _byte(self) -> int:
        if self._at >= len(self._data):
            raise ValueError("a message ends too early")
        self._at += 1
        return self._data[self._at - 1]


def parsed(data: bytes) -> Message:
    """The message that came.

    Raises:
        ValueError: it makes no sense.
    """
    reader = _Reader(data)
    name = reader.bytes()
    if len(name) > _LONGEST_NAME:
        raise ValueError("a room's name is too long")
    kind = Kind(reader.number())
    step = Step(reader.number()) if kind is Kind.SYNC else None
    return Message(name.decode(), kind, step, reader.bytes())


def content(room: str, step: Step, data: bytes) -> bytes:
    """A message about the content of a room."""
    return _sized(room.encode()) + _number(Kind.SYNC) + _number(step) + _sized(data)


def stored(room: str, count: int) -> bytes:
    """So many messages with content of whoever is told are kept."""
    return _sized(room.encode()) + _number(Kind.STORED) + _number(count)


def presences(data: bytes) -> list[Presence]:
    """What clients say of themselves.

    Raises:
        ValueError: it makes no sense, or is too much.
    """
    reader = _Reader(data)
    count = reader.number()
    if count > _MOST_STATES:
        raise ValueError("too many states")
    return [_presence(reader) for _ in range(count)]


def _presence(reader: _Reader) -> Presence:
    client, clock = reader.number(), reader.number()
    raw = reader.bytes()
    if len(raw) > LARGEST_STATE:
        raise ValueError("a state is too large")
    state = json.loads(raw)
    json.dumps(state, allow_nan=False)  # no page reads what is no number
    return Presence(client, clock, state if isinstance(state, dict) else None)


def awareness(room: str, found: list[Presence]) -> bytes:
    """A message of what clients say of themselves."""
    body = _number(len(found))
    for each in found:
        state = json.dumps(each.state)
        body += _number(each.client) + _number(each.clock) + _sized(state.encode())
    return _sized(room.encode()) + _number(Kind.AWARENESS) + _sized(body)


def _sized(data: bytes) -> bytes:
    return _number(len(data)) + data


def _number(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)

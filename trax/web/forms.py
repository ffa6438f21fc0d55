"""Forms with a file in them, read as they come: the file goes straight to its place."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Protocol

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from trax.errors import InvalidOption
from trax.service.uploads import Receiving

_BLOCK = 1 << 20  # bytes handed on at once
_LARGEST_FIELD = 1 << 20  # bytes
_MOST_FIELDS = 200


def form_described(fields: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    """What OpenAPI says of a form with *fields*, JSON schemas by name, and a recording ``file``."""
    recording = {"file": {"type": "string", "format": "binary"}}
    schema = {"type": "object", "required": [*required], "properties": recording | fields}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@dataclass
class Form:
    """What a form holds.

    Attributes:
        fields: values by name, in the order in which they came.
        recording: the file; ``None`` if there is none.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    recording: Receiving | None = None

    def first(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        values = self.fields.get(name)
        return values[0] if values else default


Receive = Callable[[str], Receiving]
"""Begins to receive the file of that name."""


async def read_form(request: Request, receive: Receive, file_field: str = "file") -> Form:
    """Read a form; the caller closes its recording.

    Raises:
        InvalidOption: it is no form, or has more in it than a form may.
        LimitExceeded: the file is larger than allowed.
    """
    reader = _Reader(_boundary(request), receive, file_field)
    try:
        await _feed(request.stream(), reader)
    except BaseException:
        if reader.form.recording is not None:
            reader.form.recording.close()
        raise
    return reader.form


class Writable(Protocol):
    """Takes bytes."""

    def write(self, data: bytes) -> None:
        """Take the next bytes."""


async def receive_body(request: Request, recording: Writable) -> None:
    """Give a request's whole body to *recording*.

    Raises:
        InvalidOption: it broke off; what came is given.
    """
    async for block in _blocks(request.stream()):
        await run_in_threadpool(recording.write, block)


async def _feed(stream: AsyncIterator[bytes], reader: "_Reader") -> None:
    try:
        async for block in _blocks(stream):
            await run_in_threadpool(reader.feed, block)
        reader.finish()
    except FormParserError as error:
        raise InvalidOption(f"the body is no form: {error}") from error


async def _blocks(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A body in blocks that are worth a thread's while, and what came of it before it broke off.

    Raises:
        InvalidOption: the client has gone.
    """
    block = bytearray()
    try:
        async for chunk in stream:
            block += chunk
            if len(block) >= _BLOCK:
                yield bytes(block)
                block.clear()
    except ClientDisconnect as error:
        if block:
            yield bytes(block)
        raise InvalidOption("the body broke off") from error
    if block:
        yield bytes(block)


def _boundary(request: Request) -> bytes:
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise InvalidOption("the body must be multipart/form-data")
    return boundary.encode("latin-1", "replace")


class _Reader:
    """Takes a form's bytes, and puts each part where it belongs."""

    def __init__(self, boundary: bytes, receive: Receive, file_field: str) -> None:
        self.form = Form()
        self._receive = receive
        self._file_field = file_field
        self._header = (bytearray(), bytearray())
        self._headers = Message()
        self._name = ""
        self._value: bytearray | None = None
        self._is_over = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._open,
                "on_part_data": lambda data, start, end: self._take(data[start:end]),
                "on_part_end": self._close,
                "on_end": self._end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._parser.write(data)

    def finish(self) -> None:
        """Refuse a form that broke off."""
        self._parser.finalize()
        if not self._is_over:
            raise InvalidOption("the form broke off")

    def _begin(self) -> None:
        self._headers = Message()

    def _add(self, which: int, data: bytes) -> None:
        self._header[which].extend(data)

    def _end_header(self) -> None:
        name, value = (bytes(part).decode("utf-8", "replace") for part in self._header)
        self._headers[name] = value
        for part in self._header:
            part.clear()

    def _open(self) -> None:
        self._name = self._parameter("name")
        if self._name == self._file_field:
            if self.form.recording is not None:
                raise InvalidOption(f"the form has more than one {self._file_field}")
            self.form.recording = self._receive(self._parameter("filename"))
            return
        if sum(map(len, self.form.fields.values())) >= _MOST_FIELDS:
            raise InvalidOption(f"the form has more than {_MOST_FIELDS} fields")
        self._value = bytearray()

    def _parameter(self, name: str) -> str:
        found = self._headers.get_param(name, "", "content-disposition")
        return found if isinstance(found, str) else found[2]

    def _take(self, data: bytes) -> None:
        if self._value is None:
            if self.form.recording is not None:
                self.form.recording.write(data)
            return
        self._value += data
        if len(self._value) > _LARGEST_FIELD:
            raise InvalidOption(f"the field {self._name} is too long")

    def _close(self) -> None:
        if self._value is not None:
            text = self._value.decode("utf-8", "replace")
            self.form.fields.setdefault(self._name, []).append(text)
            self._value = None

    def _end(self) -> None:
        self._is_over = True

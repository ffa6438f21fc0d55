"""Talking to an engine process through its socket, with patience that the caller decides on."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpcore

TICK = 0.5
"""Seconds of silence after which the caller is asked whether to wait on."""

_CONNECT = 10.0  # seconds that the system may take to connect

Idle = Callable[[], None]
"""Called while nothing is to be read. What it raises ends the wait."""


class NoEngine(Exception):
    """There is no engine at the socket, or it went away."""


class GaveUp(Exception):
    """Whoever asked waits no longer."""


def answer_lines(path: Path, target: str, idle: Idle, body: bytes | None = None) -> Iterator[bytes]:
    """The lines of an engine's answer, as they come; *body* is posted if there is one.

    Raises:
        NoEngine: nobody listens, the answer breaks off, or it is a refusal.
    """
    method = "GET" if body is None else "POST"
    headers = [("Host", "engine"), ("Content-Type", "application/json")]
    backend = _PatientBackend(idle)
    url = f"http://engine{target}"
    try:
        with (
            httpcore.ConnectionPool(uds=str(path), network_backend=backend) as pool,
            pool.stream(method, url, headers=headers, content=body, extensions=_TIMEOUTS) as answer,
        ):
            if answer.status != 200:
                raise NoEngine(f"status {answer.status}")
            yield from _lines(answer.iter_stream())
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise NoEngine(str(error)) from error


_TIMEOUTS = {"timeout": {"connect": _CONNECT, "write": _CONNECT}}


def patience(seconds: float) -> Idle:
    """Wait for so many seconds, then raise `GaveUp`."""
    deadline = time.monotonic() + seconds

    def idle() -> None:
        if time.monotonic() > deadline:
            raise GaveUp("no answer")

    return idle


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest


class _PatientStream(httpcore.NetworkStream):
    """A stream that asks, each time nothing came for a moment, whether to wait on."""

    def __init__(self, stream: httpcore.NetworkStream, idle: Idle) -> None:
        self._stream = stream
        self._idle = idle

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, however long they take."""
        while True:
            try:
                return self._stream.read(max_bytes, min(TICK, timeout or TICK))
            except httpcore.ReadTimeout:
                self._idle()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send *buffer*."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection."""
        return self._stream.get_extra_info(info)


class _PatientBackend(httpcore.SyncBackend):
    """Connects to sockets of this machine."""

    def __init__(self, idle: Idle) -> None:
        self._idle = idle

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the socket at *path*."""
        stream = super().connect_unix_socket(path, timeout, socket_options)
        return _PatientStream(stream, self._idle)

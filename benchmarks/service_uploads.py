"""Large recordings by tus: what they cost the service, and what a cut costs the client.

python -m benchmarks.service uploads [MEGABYTES] [CUTS]
"""

import hashlib
import http.client
import random
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks.machine import conditions
from benchmarks.report import write_figures
from trax.testing.servers import WebServer

_MEGABYTE = 1 << 20
_TUS = {"Tus-Resumable": "1.0.0"}
_RESET = struct.pack("ii", 1, 0)
_OFTEN = 0.02  # seconds between looks at memory
_NOTES = [
    "One request sends the recording.",
    "Seconds are from the first byte to the answer, by which time the recording is kept for good: "
    "hashed, on disk. Memory: the most that the process had above what it had before.",
    "Cuts: the client's socket is closed at a random byte; it asks where to go on, and does. About "
    "half of them are resets, by which what was under way is lost.",
]


@dataclass(frozen=True)
class Recording:
    """Bytes that look like a recording's, made as they are sent.

    Attributes:
        block: a random megabyte, of which all others differ by their number.
    """

    block: bytes
    megabytes: int

    @property
    def size_bytes(self) -> int:
        """All of it."""
        return self.megabytes * _MEGABYTE

    def after(self, offset: int) -> Iterator[bytes]:
        """The bytes from *offset* on."""
        number, skipped = divmod(offset, _MEGABYTE)
        for each in range(number, self.megabytes):
            data = b"RIFF" + each.to_bytes(8, "little") + self.block[12:]
            yield data[skipped:]
            skipped = 0

    def sha256(self) -> str:
        """Its digest."""
        digest = hashlib.sha256()
        for data in self.after(0):
            digest.update(data)
        return digest.hexdigest()


def main(arguments: list[str]) -> None:
    """Upload a recording whole, and another one with cuts."""
    megabytes = int(arguments[0]) if arguments else 1000
    cuts = int(arguments[1]) if len(arguments) > 1 else 100
    notes = [conditions(), *_NOTES]
    dice = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        server = WebServer(Path(folder) / "home")
        try:
            figures = whole(server, Recording(dice.randbytes(_MEGABYTE), megabytes))
            small = Recording(dice.randbytes(_MEGABYTE), max(cuts * 2, 20))
            figures |= cut(server, small, cuts, dice)
        finally:
            server.stop()
    write_figures("service-uploads", figures, notes)


def whole(server: WebServer, recording: Recording) -> dict[str, Any]:
    """One upload in one request."""
    path = begin(server.url, recording)
    process = psutil.Process(server.process.pid)
    before = process.cpu_times()
    began = time.perf_counter()
    with grown(process) as growth:
        send(server.url, path, recording, 0)
        seconds = time.perf_counter() - began
    after = process.cpu_times()
    cpu = after.user + after.system - before.user - before.system
    shown = httpx.get(f"{server.url}{path}", timeout=60).json()
    return {
        "megabytes": recording.megabytes,
        "digest_equal": shown["sha256"] == recording.sha256(),
        "megabytes_a_second": round(recording.megabytes / seconds, 1),
        "cores": round(cpu / seconds, 2),
        "cpu_seconds_a_gigabyte": round(1024 * cpu / recording.megabytes, 2),
        "memory_growth_megabytes": round(growth() / _MEGABYTE, 1),
    }


def cut(server: WebServer, recording: Recording, cuts: int, dice: random.Random) -> dict[str, Any]:
    """An upload that is cut off again and again."""
    path = begin(server.url, recording)
    places = sorted(dice.sample(range(1, recording.size_bytes), cuts))
    again = []
    for place in places:
        offset = come(server.url, path)
        if offset < place:
            send(server.url, path, recording, offset, until=place)
            again.append(place - come(server.url, path))
    send(server.url, path, recording, come(server.url, path))
    shown = httpx.get(f"{server.url}{path}", timeout=60).json()
    return {
        "cuts": len(again),
        "cut_digest_equal": shown["sha256"] == recording.sha256(),
        "sent_twice_bytes_most": max(again),
        "sent_twice_bytes_mean": round(sum(again) / len(again)),
    }


def begin(url: str, recording: Recording) -> str:
    """Where an upload goes that was begun."""
    length = {"Upload-Length": str(recording.size_bytes)}
    answer = httpx.post(f"{url}/v1/uploads", headers=_TUS | length)
    return answer.raise_for_status().headers["location"]


def come(url: str, path: str) -> int:
    """How many bytes have come, once nobody writes any more."""
    last = -1
    while True:
        answer = httpx.head(f"{url}{path}", headers=_TUS)
        offset = int(answer.headers["upload-offset"])
        if offset == last:
            return offset
        last = offset
        time.sleep(_OFTEN)


def send(url: str, path: str, recording: Recording, offset: int, until: int | None = None) -> None:
    """Send the bytes after *offset*; cut the connection before the byte *until*."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
    connection.putrequest("PATCH", path)
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    length = {"Content-Length": str(recording.size_bytes - offset)}
    for name, value in (_TUS | kind | length).items():
        connection.putheader(name, value)
    connection.endheaders()
    left = (until or recording.size_bytes) - offset
    for data in recording.after(offset):
        connection.send(data[:left])
        left -= len(data[:left])
        if not left:
            break
    if until is None:
        answer = connection.getresponse()
        assert answer.status == 204, answer.read()
    elif until % 2 and connection.sock is not None:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()


@contextmanager
def grown(process: psutil.Process) -> Iterator[Callable[[], int]]:
    """The most bytes that a process has had above what it has now."""
    before = process.memory_info().rss
    most = before
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(_OFTEN):
            most = max(most, process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield lambda: most - before
    finally:
        over.set()
        watching.join()

"""Many who follow all jobs at once: what they cost, how soon they know, what a cut costs them.

python -m benchmarks.service streams [COUNT] [CUTS]
"""

import asyncio
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks.machine import conditions
from benchmarks.report import write_figures
from trax.testing import tone, write_audio
from trax.testing.servers import WebServer

_MEGABYTE = 1 << 20
_TOGETHER = 50  # streams that are opened at once
_NOTES = [
    "Scripted engines, SQLite.",
    "Processor: of the service's process, for all of them and the job itself.",
    "Memory: of the service's process, by all streams together, while events are sent.",
    "Milliseconds: from the time in an event to its arrival, over all events and all listeners. "
    "All of them are told of the same events.",
    "Cuts: a listener leaves after random bytes, while jobs run, and goes on by Last-Event-ID.",
]


@dataclass(frozen=True)
class Seen:
    """An event that has arrived.

    Attributes:
        late_ms: how long after it happened.
    """

    id: int
    kind: str
    late_ms: float


def main(arguments: list[str]) -> None:
    """Open streams, run jobs, count."""
    count = int(arguments[0]) if arguments else 1000
    cuts = int(arguments[1]) if len(arguments) > 1 else 100
    notes = [conditions(), *_NOTES]
    with tempfile.TemporaryDirectory(prefix="trax-") as name:
        folder = Path(name)
        server = WebServer(folder / "home")
        try:
            figures: dict[str, Any] = {}
            for streams in (max(1, count // 20), count):
                found = asyncio.run(many(server, folder, streams))
                figures |= {f"{each} ({streams} streams)": value for each, value in found.items()}
            figures |= asyncio.run(cut(server.url, folder, cuts))
        finally:
            server.kill()
    write_figures("service-streams", figures, notes)


async def many(server: WebServer, folder: Path, count: int) -> dict[str, Any]:
    """A job that many follow."""
    await submit(server.url, folder, 2.0)  # what is loaded at first counts for nobody
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    listening: list[Listener] = []
    for number in range(0, count, _TOGETHER):
        some = range(number, min(count, number + _TOGETHER))
        listening += await asyncio.gather(*(listener(server.url) for _ in some))
    worked = sum(process.cpu_times()[:2])
    await submit(server.url, folder, 2.1 + count / 16_000)  # another one each time
    while not all(each.has_ended for each in listening):
        await asyncio.sleep(0.05)
    worked = sum(process.cpu_times()[:2]) - worked
    after = process.memory_info().rss
    for each in listening:
        each.close()
    seen = [each.seen() for each in listening]
    late = [event.late_ms for events in seen for event in events]
    ids = {tuple(event.id for event in events) for events in seen}
    return {
        "memory_megabytes": round((after - before) / _MEGABYTE, 1),
        "events_each": len(seen[0]),
        "all_saw_the_same": len(ids) == 1,
        "processor_seconds": round(worked, 2),
        "late_ms_median": round(median(late)),
        "late_ms_p95": round(quantiles(late, n=20)[-1]),
        "late_ms_most": round(max(late)),
    }


async def cut(url: str, folder: Path, cuts: int) -> dict[str, Any]:
    """Jobs that somebody follows who is cut off again and again."""
    dice = random.Random(1)
    first = await newest(url)
    jobs = [asyncio.create_task(submit(url, folder, 3.0 + at / 100)) for at in range(cuts // 4)]
    seen: list[int] = []
    for _ in range(cuts):
        last = seen[-1] if seen else first
        seen += [event.id for event in await some(url, last, dice.randrange(200, 4000))]
    await asyncio.gather(*jobs)
    whole = [event.id for event in await some(url, first, 1 << 30, quiet=2.0)]
    last = seen[-1] if seen else first
    seen += [event.id for event in await some(url, last, 1 << 30, quiet=2.0)]
    return {
        "cuts": cuts,
        "events": len(whole),
        "repeats": len(seen) - len(set(seen)),
        "gaps": len(set(whole) - set(seen)),
        "in_order": seen == sorted(seen),
    }


async def some(url: str, last: int, size_bytes: int, quiet: float = 1.0) -> list[Seen]:
    """The events of so many bytes, cut wherever that is, or until nothing comes for a while."""
    found: list[Seen] = []
    async with opened(url, last) as reader:
        data = b""
        while len(data) < size_bytes:
            try:
                data += await asyncio.wait_for(reader.read(size_bytes - len(data)), quiet)
            except TimeoutError:
                break
    for part in data.replace(b"\r\n", b"\n").split(b"\n\n")[:-1]:
        found += _read(part)
    return found


async def newest(url: str) -> int:
    """The id of the newest event."""
    return max(event.id for event in await some(url, 0, 1 << 30, quiet=2.0))


class Listener(asyncio.Protocol):
    """Follows all jobs, and reads what has come only afterwards: a thousand of them are one
    process, whose own work is not to count.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[float, bytes]] = []
        self.is_ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"GET /v1/events HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        """Note what has come, and when."""
        self._parts.append((time.time(), data))
        if not self.is_ready.done():
            self.is_ready.set_result(None)

    @property
    def has_ended(self) -> bool:
        """Whether the job's end has come."""
        return bool(self._parts) and b"event: ended" in self._parts[-1][1]

    def close(self) -> None:
        """Leave."""
        self._transport.abort()

    def seen(self) -> list[Seen]:
        """Every event that has come; one is there once its last byte is."""
        found: list[Seen] = []
        left = b""
        for at, data in self._parts:
            *whole, left = (left + data).replace(b"\r\n", b"\n").split(b"\n\n")
            for part in whole:
                found += _read(part, at)
        return found


async def listener(url: str) -> Listener:
    """One whose stream has begun."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    host, port = str(parts.hostname), int(parts.port or 80)
    _transport, made = await loop.create_connection(Listener, host, port)
    await made.is_ready
    return made


@asynccontextmanager
async def opened(url: str, last: int | None) -> AsyncIterator[asyncio.StreamReader]:
    """A stream of events, its headers read; its connection is reset at the end."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)
    after = "" if last is None else f"Last-Event-ID: {last}\r\n"
    writer.write(f"GET /v1/events HTTP/1.0\r\nHost: {parts.netloc}\r\n{after}\r\n".encode())
    try:
        await reader.readuntil(b"\r\n\r\n")
        yield reader
    finally:
        writer.transport.abort()


def _read(part: bytes, at: float = 0.0) -> list[Seen]:
    """The event that some lines tell of, if they do, which have come *at* a time."""
    fields = dict(line.split(b": ", 1) for line in part.split(b"\n") if b": " in line)
    if b"id" not in fields:
        return []
    told = json.loads(fields[b"data"])
    late = at - datetime.fromisoformat(told["at"]).timestamp()
    return [Seen(int(fields[b"id"]), told["kind"], 1000 * late)]


async def submit(url: str, folder: Path, seconds: float) -> None:
    """Have a recording transcribed, and wait for that."""
    data = write_audio(folder / f"{seconds}.wav", tone(seconds)).read_bytes()
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        upload = (await client.put("/v1/uploads/call.wav", content=data)).json()["id"]
        job = await client.post("/v1/jobs", json={"upload": upload}, params={"wait": 100})
        assert job.json()["status"] == "completed", job.text

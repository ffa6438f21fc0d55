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
from typing import Any
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
    seen: list[list[Seen]] = [[] for _ in range(count)]
    listening = []
    for number in range(0, count, _TOGETHER):
        batch = seen[number : number + _TOGETHER]
        ready = [asyncio.Event() for _ in batch]
        some = zip(batch, ready, strict=True)
        listening += [asyncio.create_task(follow(server.url, *each)) for each in some]
        await asyncio.gather(*(each.wait() for each in ready))
    await submit(server.url, folder, 2.1 + count / 16_000)  # another one each time
    while not all(events and events[-1].kind == "ended" for events in seen):
        await asyncio.sleep(0.05)
    after = process.memory_info().rss
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    late = [event.late_ms for events in seen for event in events]
    ids = {tuple(event.id for event in events) for events in seen}
    return {
        "memory_megabytes": round((after - before) / _MEGABYTE, 1),
        "events_each": len(seen[0]),
        "all_saw_the_same": len(ids) == 1,
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


async def follow(url: str, seen: list[Seen], ready: asyncio.Event) -> None:
    """Remember every event from now on."""
    async with opened(url, None) as reader:
        ready.set()
        lines: list[bytes] = []
        async for line in reader:
            if line.strip():
                lines.append(line.rstrip())
                continue
            seen += _read(b"\n".join(lines))
            lines.clear()


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


def _read(part: bytes) -> list[Seen]:
    """The event that some lines tell of, if they do."""
    fields = dict(line.split(b": ", 1) for line in part.split(b"\n") if b": " in line)
    if b"id" not in fields:
        return []
    told = json.loads(fields[b"data"])
    late = time.time() - datetime.fromisoformat(told["at"]).timestamp()
    return [Seen(int(fields[b"id"]), told["kind"], 1000 * late)]


async def submit(url: str, folder: Path, seconds: float) -> None:
    """Have a recording transcribed, and wait for that."""
    data = write_audio(folder / f"{seconds}.wav", tone(seconds)).read_bytes()
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        upload = (await client.put("/v1/uploads/call.wav", content=data)).json()["id"]
        job = await client.post("/v1/jobs", json={"upload": upload}, params={"wait": 100})
        assert job.json()["status"] == "completed", job.text

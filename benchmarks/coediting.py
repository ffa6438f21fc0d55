"""Several people in one transcript: whether their texts become one, how soon, and what it costs.

    python -m benchmarks.coediting convergence [OPERATIONS]
    python -m benchmarks.coediting documents [EDITS]
    python -m benchmarks.coediting decisions [DECISIONS]
    python -m benchmarks.coediting service [CLIENTS] [SECONDS]

The first three need no service. Clients are copies of the document in Python; those of the last one
have sockets to a service in another process, on this machine.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from pycrdt import Doc, merge_updates

from benchmarks.decisions import against_another_hearing
from benchmarks.editor_transcripts import SIZES, prepared
from benchmarks.machine import conditions
from benchmarks.report import Row, write
from benchmarks.shared_documents import sizes, spoken
from trax.coediting import documents
from trax.coediting.archive import Archive
from trax.coediting.deriving import derive
from trax.testing.coediting import Writer
from trax.testing.engine_server import scripted_workspace
from trax.testing.shared_edits import Page, copies, synced
from trax.transcript import Transcript, Word

CLIENTS = 20
_BURST = 50  # operations of a client between two deliveries

Rooms = dict[str, Doc[Any]]


def main() -> None:
    """Measure what is asked for."""
    chosen: dict[str, Callable[..., Row]] = {
        "convergence": convergence,
        "documents": sizes,
        "decisions": decisions,
        "service": service,
    }
    row = chosen[sys.argv[1]](*map(int, sys.argv[2:]))
    write(f"coediting-{sys.argv[1]}", [row], [conditions()])


class Client:
    """Somebody whose changes reach others late, twice, and in another order."""

    def __init__(self, rooms: Rooms, number: int, seed: int) -> None:
        self.page = Page(copies(rooms), Random(seed * 1000 + number), name=f"q{number}y")
        self.new: list[bytes] = []
        self.waiting: list[bytes] = []
        self.held: list[bytes] = []
        self._applying = False
        self.page.rooms["0"].observe(self._note)

    def _note(self, event: Any) -> None:
        if not self._applying:
            self.new.append(event.update)

    def work(self, operations: int) -> bytes:
        """Do a few things; gives what others are to hear of."""
        for _ in range(operations):
            self.page.act()
        update: bytes = merge_updates(*self.new) if len(self.new) > 1 else b"".join(self.new)
        self.new = []
        return update

    def hear(self, chance: Random) -> None:
        """Take what waits, some of it twice."""
        chance.shuffle(self.waiting)
        self._applying = True
        for update in self.waiting:
            for _ in range(2 if chance.random() < 0.1 else 1):
                self.page.rooms["0"].apply_update(update)
        self._applying = False
        self.waiting = []


def convergence(
    operations: int = 100_000, seed: int = 1, clients: int = CLIENTS, burst: int = _BURST
) -> Row:
    """Random operations of many, with partitions, repeats and another order."""
    base = spoken(400)
    rooms = documents.made_of(base, 1)
    people = [Client(rooms, number, seed) for number in range(clients)]
    chance = Random(seed)
    started = time.perf_counter()
    for number in range(operations // (clients * burst)):
        cut = clients // 2 if number % 10 < 5 else 0
        for at, one in enumerate(people):
            update = one.work(burst)
            for to, other in enumerate(people):
                is_apart = (at < cut) != (to < cut)
                if other is not one and update:
                    (other.held if is_apart else other.waiting).append(update)
        for one in people:
            if not cut:
                one.waiting += one.held
                one.held = []
            one.hear(chance)
    for one in people:
        one.waiting += one.held
        one.hear(chance)
    apart = len({_digest(one.page.rooms) for one in people})
    for one in (*people[1:], *people[1:]):  # as each connection begins
        synced(people[0].page.rooms, one.page.rooms)
    seconds = time.perf_counter() - started
    digests = {_digest(one.page.rooms) for one in people}
    made = _saved(people[0].page.rooms, base)
    return {
        "clients": clients,
        "operations": operations,
        "texts before all have connected again": apart,
        "texts in the end": len(digests),
        "SHA-256": sorted(digests)[0][:16],
        "words typed": sum(len(one.page.typed) for one in people),
        "words typed that nobody touched": len(_untouched(people)),
        "of these lost": len(_untouched(people) - {word.text for word in made.words}),
        "words without times": sum(not word.start <= word.end for word in made.words),
        "words out of order": sum(_disorder(segment.words) for segment in made.segments),
        "seconds": round(seconds, 1),
    }


def _untouched(people: Sequence[Client]) -> set[str]:
    typed = {word for one in people for word in one.page.typed}
    return typed - {word for one in people for word in one.page.touched}


def _disorder(words: Sequence[Word]) -> int:
    return sum(b.start < a.start for a, b in pairwise(words))


def _digest(rooms: Rooms) -> str:
    said = [
        [run.text, dict(sorted(run.attributes.items()))] for run in documents.runs_in(rooms["0"])
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _saved(rooms: Rooms, base: Transcript) -> Transcript:
    archive = Archive([base])
    return derive(base, archive, documents.read(rooms)).transcript


def decisions(count: int = 1_000) -> Row:
    """What becomes of people's decisions when a recording is heard again."""
    return against_another_hearing(spoken(count * 9), count)


def service(clients: int = CLIENTS, seconds: int = 20) -> Row:
    """Twenty clients at five keys a second, and a kill in between."""
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        home = Path(folder) / "home"
        name = prepared(home, min(SIZES))
        with _served(home) as (url, process):
            row = _typed(url, name, clients, seconds, process.pid)
        row |= _killed(home, name)
    return row


def _typed(url: str, name: str, clients: int, seconds: int, pid: int) -> Row:
    writers = [Writer(url, name) for _ in range(clients)]
    delays: list[float] = []
    sent: dict[str, float] = {}
    watcher = writers[-1]

    def look() -> bool:
        shown = str(watcher.text())[:40]
        now = time.perf_counter()
        come = [mark for mark in list(sent) if mark in shown]
        delays.extend(now - sent.pop(mark) for mark in come)
        return len(delays) == seconds * 5

    looking = threading.Thread(target=watcher.until, args=(look, seconds + 60.0))
    looking.start()
    used = _cpu(pid)
    began = time.perf_counter()

    def type_on(number: int, writer: Writer) -> None:
        for key in range(seconds * 5):
            time.sleep(max(0.0, began + key / 5 + number / 100 - time.perf_counter()))
            with writer.lock:
                if number == 0:
                    mark = f"m{key:04d}"
                    sent[mark] = time.perf_counter()
                    writer.text().insert(1, mark + " ")
                else:
                    writer.text().insert(len(writer.text()), "a")

    threads = [threading.Thread(target=type_on, args=each) for each in enumerate(writers[:-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    used = _cpu(pid) - used
    looking.join()
    for writer in writers:
        writer.close()
    cuts = quantiles(delays, n=100)
    return {
        "clients": clients,
        "keys a second of each": 5,
        "key to the other client, ms: p50": round(cuts[49] * 1000),
        "p95": round(cuts[94] * 1000),
        "p99": round(cuts[98] * 1000),
        "processors of the service": round(used / took, 2),
    }


def _killed(home: Path, name: str) -> Row:
    """Kill the service under ten who type; what it said it had must be there."""
    with _served(home) as (url, process):
        writers = [Writer(url, name) for _ in range(10)]
        for number in range(50):
            for at, writer in enumerate(writers):
                with writer.lock:
                    writer.text().insert(1, f"k{at}n{number}z ")
            time.sleep(0.02)
        kept = [writer.stored.get("0", 0) for writer in writers]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with _served(home) as (url, _process):
        began = time.perf_counter()
        fresh = Writer(url, name)
        text = fresh.said()
        acknowledged = [f"k{at}n{n}z" for at, count in enumerate(kept) for n in range(count - 1)]
        missing = sum(word not in text for word in acknowledged)
        for writer in writers:
            writer.until(lambda writer=writer: writer.code is not None)  # type: ignore[misc]
            writer.url = url
            writer.connect()
        back = time.perf_counter() - began
        last = writers[-1]
        last.until(lambda: all(f"k{at}n49z" in last.said() for at in range(10)))
        lost = sum(f"k{at}n{n}z" not in last.said() for at in range(10) for n in range(50))
        for writer in (*writers, fresh):
            writer.close()
    return {
        "killed under": 10,
        "acknowledged": len(acknowledged),
        "of these lost": missing,
        "typed and lost in the end": lost,
        "all back after seconds": round(back, 2),
    }


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    scripted_workspace(home)
    process = subprocess.Popen(
        [sys.executable, "-m", "trax.testing.web_server", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TRAX_HOME": str(home)},
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.terminate()
        process.wait(30)


def _cpu(pid: int) -> float:
    """Seconds of processors that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
